"""The table `twoFactor` of Better Auth 1.7.25, and a table of this service's own."""

from pathlib import Path
from typing import Final

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

from ...models.column_types import BooleanType
from ...models.tables import make_timestamp_column
from ...schema.branch import Branch, PersonalTable

ENABLED: Final = "twoFactorEnabled"  # the column of `user`

two_factors: Final = Table(
    "twoFactor",
    MetaData(),
    Column("id", Text, primary_key=True),
    Column("secret", Text, nullable=False),
    Column("backupCodes", Text, nullable=False),
    Column("userId", Text, nullable=False),
    Column("verified", BooleanType),
    Column("failedVerificationCount", Integer),
    make_timestamp_column("twoFactor", "lockedUntil", nullable=True),
)
# The time step of the last code that each user's app was right with: no code is good twice.
used_codes: Final = Table(
    "twoFactorUsedCode",
    MetaData(),
    Column("userId", Text, primary_key=True),
    Column("factorId", Text, nullable=False),
    Column("step", BigInteger, nullable=False),
)
BRANCH: Final = Branch(
    "two_factor",
    Path(__file__).parent / "migrations",
    ("two_factor_0001",),
    (two_factors, used_codes),
    typical={"twoFactor": ("secret", "backupCodes", "userId")},
    personal=(
        PersonalTable(two_factors, "userId", hidden=("secret", "backupCodes")),
        PersonalTable(used_codes, "userId"),
    ),
)
