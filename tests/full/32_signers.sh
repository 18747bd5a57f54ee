#!/bin/sh
# The recorded signatures of S3 requests, made again by botocore and @smithy/signature-v4.
set -u
python3 tests/extensions/signers/record.py --check
