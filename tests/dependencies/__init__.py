"""For developers and operators: what the project rests on, its licences, releases and advisories."""
