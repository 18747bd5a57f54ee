"""Signatures of shapes.py by botocore: name to hexadecimal, as JSON."""

import json
import urllib.parse

import shapes
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def signature(shape):
    query = "&".join(f"{urllib.parse.quote(n, safe='-_.~')}={urllib.parse.quote(v, safe='-_.~')}" for n, v in shape["query"])
    url = f"http://{shape['host']}{shape['path']}" + ("?" + query if query else "")
    headers = {**shape["headers"], "host": shape["host"], "x-amz-date": shape["time"], "x-amz-content-sha256": shape["payload"]}
    request = AWSRequest(method=shape["method"], url=url, headers=headers, data=shape["body"].encode())
    request.context["timestamp"] = shape["time"]
    auth = S3SigV4Auth(Credentials(shape["access"], shape["secret"]), "s3", shape["region"])
    return auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)


if __name__ == "__main__":
    print(json.dumps({name: signature(shape) for name, shape in shapes.shapes().items()}))
