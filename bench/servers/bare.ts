/** The baseline: the same web server with the same TLS, which parses the review and answers `allowed`. */
import fastify from "fastify";
import { announce, loopbackCertificate } from "./listening.ts";

interface Review {
  readonly request: { readonly uid: string };
}

const { cert, key, authority } = loopbackCertificate();
const app = fastify({ https: { cert, key, minVersion: "TLSv1.3" }, keepAliveTimeout: 120_000, bodyLimit: 16 * 1024 * 1024 } as object);
for (const path of ["/mutate", "/validate"]) {
  app.post(path, async (request) => ({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: { uid: (request.body as Review).request.uid, allowed: true },
  }));
}
announce(await app.listen({ host: "127.0.0.1", port: 0 }), authority);
