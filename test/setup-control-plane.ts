import { obtainControlPlane } from "../tools/obtain/control-plane.ts";

/** Obtains the control plane once, before test files would wait for each other. */
export default async function setup(): Promise<void> {
  await obtainControlPlane();
}
