// Signatures of the shapes on standard input by @smithy/signature-v4: name to hexadecimal, as JSON.
const { SignatureV4 } = require("@smithy/signature-v4");
const { HttpRequest } = require("@smithy/protocol-http");
const { Sha256 } = require("@aws-crypto/sha256-js");

async function signature(shape) {
  const query = {};
  for (const [name, value] of shape.query) query[name] = value;
  const signer = new SignatureV4({
    credentials: { accessKeyId: shape.access, secretAccessKey: shape.secret },
    region: shape.region, service: "s3", sha256: Sha256, uriEscapePath: false, applyChecksum: true,
  });
  const t = shape.time;
  const date = new Date(`${t.slice(0, 4)}-${t.slice(4, 6)}-${t.slice(6, 11)}:${t.slice(11, 13)}:${t.slice(13)}`);
  const request = new HttpRequest({
    method: shape.method, protocol: "http:", hostname: "unused", path: shape.path, query,
    headers: { ...shape.headers, host: shape.host }, body: shape.body === "" ? undefined : shape.body,
  });
  const signed = await signer.sign(request, { signingDate: date });
  return signed.headers.authorization.split("Signature=")[1];
}

(async () => {
  const shapes = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const out = {};
  for (const [name, shape] of Object.entries(shapes)) out[name] = await signature(shape);
  console.log(JSON.stringify(out));
})();
