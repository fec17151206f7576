package lib.requests_test

import data.lib.requests

test_shapes if {
	requests.create_policy({}).review.request.kind.kind == "NetworkPolicy"
	requests.deployment({}).spec.template.spec == {}
}
