"""The API of frameworks, scales, evidence and judgements; docs/formats.md and the OpenAPI description are its reference."""
