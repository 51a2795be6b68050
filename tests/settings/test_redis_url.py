import pytest

from app.settings.redis_url import find_redis_url_fault


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://localhost:6379/0",
        "redis://:p%40ss@10.0.0.1:6379/12",
        "rediss://default:word@eu1.example.upstash.io:6379",
        "redis://[::1]:6379/1?client_name=auth",
        "rediss://cache.internal/0?ssl_ca_certs=/etc/ca.pem&ssl_cert_reqs=required",
        "redis+sentinel://s1/main",
        "redis+sentinel://user:p%40ss@s1:26379,[::1]:26380,s3/main/2?sentinel_password=word",
        "rediss+sentinel://s1:26379/main/0?ssl_ca_certs=/etc/ca.pem",
        "unix:///run/redis.sock",
        "unix:///run/redis.sock?db=3&password=word",
    ],
)
def test_usable_url_has_no_fault(url: str) -> None:
    assert find_redis_url_fault(url) is None


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("localhost:6379", "is not understood"),
        ("http://localhost:6379", "is not understood"),
        ("redis://user:s3cret@localhost:port", "is not a URL"),
        ("redis://user:s3cret@[::1", "is not a URL"),
        ("redis://localhost:0", "contains no server"),
        ("redis://", "contains no server"),
        ("redis:///0", "contains no server"),
        ("redis://s3cret#word@localhost", "contains no server"),
        ("unix://run/redis.sock", "contains no server"),
        ("unix://", "contains no server"),
        ("redis://user:s3cret@localhost/main", "by its number"),
        ("redis://user:s3cret@localhost/0/1", "by its number"),
        ("unix:///run/redis.sock?db=one", "by its number"),
        ("redis://user:s3cret@localhost?family=0", "the parameter 'family'"),
        ("redis://user:s3cret@localhost\n", "is not understood"),
        ("redis://user:s3cret@localhost?ssl_ca_certs=a", "which is for TLS: write rediss"),
        ("redis+sentinel://user:s3cret@s1/main?ssl_ca_certs=a", "which is for TLS: write rediss"),
        ("redis+sentinel://user:s3cret@s1:26379", "names no Sentinel and its service"),
        ("redis+sentinel://user:s3cret@s1:port/main", "names no Sentinel and its service"),
        ("redis+sentinel://user:s3cret@s1,,s2/main", "names no Sentinel and its service"),
        ("redis+sentinel://user:s3cret@s1/main/one", "by its number"),
        ("redis+sentinel://user:s3cret@s1/main?family=0", "the parameter 'family'"),
    ],
)
def test_fault_says_what_is_wrong_and_not_the_password(url: str, told: str) -> None:
    fault = find_redis_url_fault(url)
    assert fault is not None
    assert told in fault
    assert "s3cret" not in fault
