"""The only place where money exists: the books, what is doubted, money that is there only once, years paid ahead."""

from funding.models.books import (
    Account,
    Claim,
    EarningState,
    FiscalPeriod,
    PaymentBatch,
    PaymentLine,
    PolicyApproval,
    PolicyRevision,
    PolicyVersion,
    PricedCase,
    Program,
    Run,
    RunDirty,
    RunShard,
    Transfer,
)
from funding.models.discrepancies import Discrepancy, DiscrepancyResolution
from funding.models.funds import Fund, FundItem, FundMovement
from funding.models.years_ahead import Prediction, Reconciliation, TrueUp, YearAhead

__all__ = [
    "Account",
    "Claim",
    "Discrepancy",
    "DiscrepancyResolution",
    "EarningState",
    "FiscalPeriod",
    "Fund",
    "FundItem",
    "FundMovement",
    "PaymentBatch",
    "PaymentLine",
    "PolicyApproval",
    "PolicyRevision",
    "PolicyVersion",
    "Prediction",
    "PricedCase",
    "Program",
    "Reconciliation",
    "Run",
    "RunDirty",
    "RunShard",
    "Transfer",
    "TrueUp",
    "YearAhead",
]
