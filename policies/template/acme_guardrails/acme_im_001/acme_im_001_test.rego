package packs.acme_guardrails.acme_im_001_test

import data.lib.requests
import data.packs.acme_guardrails.acme_im_001

test_denied_another_registry if {
	some violation in acme_im_001.deny with input as requests.create("Pod", pod_of("docker.io/library/nginx"))
	violation.path == "spec.containers[0].image"
}

test_denied_a_bare_name if {
	count(acme_im_001.deny) == 1 with input as requests.create("Pod", pod_of("nginx"))
}

test_allowed_an_approved_registry if {
	count(acme_im_001.deny) == 0 with input as requests.create("Pod", pod_of("registry.example/nginx:1"))
}

test_malformed_image_is_no_crash if {
	count(acme_im_001.deny) == 0 with input as requests.create("Pod", pod_of(5))
	count(acme_im_001.deny) == 0 with input as requests.create("Pod", requests.pod("x"))
}

pod_of(image) := requests.pod({"containers": [{"name": "c", "image": image}]})
