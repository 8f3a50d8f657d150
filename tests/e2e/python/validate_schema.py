"""Validates a YAML document on stdin by the JSON schema in the file that is the first argument."""

import json
import sys

import jsonschema
import yaml

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.validators.validator_for(schema)(schema).validate(yaml.safe_load(sys.stdin))
