from app.mail.links import Links
from app.settings.settings import Settings

SECRET = "x" * 32


def test_links_are_the_originals() -> None:
    links = Links(Settings(secret=SECRET, url="https://App.Example"))
    base = "https://app.example/api/auth"
    assert links.build_reset_password("t", None) == f"{base}/reset-password/t?callbackURL="
    assert (
        links.build_reset_password("t", "/a b?c=(1)&d=é")
        == f"{base}/reset-password/t?callbackURL=%2Fa%20b%3Fc%3D(1)%26d%3D%C3%A9"
    )
    assert (
        links.build_delete_user("t", None) == f"{base}/delete-user/callback?token=t&callbackURL=%2F"
    )
    assert links.build_verify_email("t", "/x") == f"{base}/verify-email?token=t&callbackURL=%2Fx"


def test_links_follow_the_base_path() -> None:
    links = Links(Settings(secret=SECRET, url="http://localhost:8000", base_path="/auth"))
    assert links.base == "http://localhost:8000/auth"


def test_path_in_the_base_url_replaces_the_base_path() -> None:
    links = Links(Settings(secret=SECRET, url="https://app.example/x/auth"))
    assert links.base == "https://app.example/x/auth"
