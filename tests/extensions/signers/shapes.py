"""The requests of sigv4_vectors.json, as JSON on standard output: what both signers and ours are given."""

import hashlib
import json


def shapes():
    """Name to request. Paths are escaped as they are sent, query names and values are not."""
    base = {"method": "GET", "host": "127.0.0.1:9000", "path": "/test/a.txt", "query": [], "headers": {}, "body": "",
            "access": "S3RVER", "secret": "S3RVER", "region": "us-east-1", "time": "20260101T000000Z"}
    out = {"plain": {}}
    for method in ("PUT", "POST", "DELETE", "HEAD", "OPTIONS"):
        out["method " + method] = {"method": method}
    for path in ("/", "/b", "/b/", "/b/a//c", "/b/../a", "/b/./a", "/b/a%20b", "/b/a%2Bb%25", "/b/%C3%A4%E6%97%A5", "/b/(1)!*'", "/b/a~b_c-d.e",
                 "/b/%3F%23%26%3D", "/b/" + "x" * 500, "/b/a=b", "/b/a:b@c,d;e$f"):
        out["path " + path[:20]] = {"path": path.replace("(", "%28").replace(")", "%29").replace("!", "%21").replace("*", "%2A").replace(
            "'", "%27").replace("=", "%3D").replace(":", "%3A").replace("@", "%40").replace(",", "%2C").replace(";", "%3B").replace("$", "%24")}
    for name, query in {
            "one": [["prefix", "a"]], "empty value": [["acl", ""]], "sorted": [["b", "2"], ["a", "1"], ["C", "3"], ["aa", "0"]],
            "escapes": [["prefix", "a b+c/d=e&f%"], ["list-type", "2"]], "umlauts": [["prefix", "ä日"]], "tilde": [["x", "~-_."]],
            "marks": [["x", "!*'()"]], "escaped names": [["a b", "1"], ["a/b", "2"]], "prefix of another": [["a-b", "1"], ["a", "2"], ["a.b", "3"]],
            "token": [["continuation-token", "1/abc+=="], ["list-type", "2"], ["prefix", ""]], "case": [["B", "1"], ["a", "2"]]}.items():
        out["query " + name] = {"path": "/test", "query": query}
    for name, headers in {
            "type": {"content-type": "text/plain"}, "upper": {"X-Amz-Meta-Name": "Value"}, "blanks": {"x-amz-meta-a": "  a   b  "},
            "tab": {"x-amz-meta-a": "a\tb"}, "empty": {"x-amz-meta-a": ""}, "sorted": {"x-b": "1", "X-A": "2", "a": "3"},
            "quotes": {"x-amz-meta-a": "\"a   b\""}, "range": {"range": "bytes=0-9"}, "comma": {"x-amz-meta-a": "a, b,c"}}.items():
        out["header " + name] = {"headers": headers}
    for name, body in {"text": "some text", "utf-8": "ä日", "long": "0123456789" * 1000}.items():
        out["body " + name] = {"method": "PUT", "body": body, "headers": {"content-type": "application/octet-stream"}}
    for region in ("eu-central-1", "auto", "us-gov-west-1"):
        out["region " + region] = {"region": region}
    out["secret"] = {"access": "AKIDEXAMPLE", "secret": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
    out["long secret"] = {"secret": "s" * 200}
    for host in ("bucket.s3.amazonaws.com", "localhost:1", "[::1]:9000", "s3.example.com"):
        out["host " + host] = {"host": host}
    for time in ("20000229T235959Z", "20991231T000001Z"):
        out["time " + time] = {"time": time}
    whole = {name: {**base, **more} for name, more in out.items()}
    for shape in whole.values():
        shape["payload"] = hashlib.sha256(shape["body"].encode()).hexdigest()
    return whole


if __name__ == "__main__":
    print(json.dumps(shapes()))
