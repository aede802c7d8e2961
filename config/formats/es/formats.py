"""Spanish as it is written in the United States (CLDR es-US): 1,234.56, as the amounts and the record write it too."""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
