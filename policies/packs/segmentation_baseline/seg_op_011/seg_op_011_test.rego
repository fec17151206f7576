package packs.segmentation_baseline.seg_op_011_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_op_011

setting(name) := requests.pod({"securityContext": {"sysctls": [{"name": name, "value": "1"}]}})

test_denied_forwarding_in_each_spelling if {
	every name in ["net.ipv4.ip_forward", "net/ipv4/conf/all/route_localnet", "net.ipv6.conf.all.forwarding"] {
		some violation in seg_op_011.deny with input as requests.create("Pod", setting(name))
		violation.path == "spec.securityContext.sysctls[0]"
	}
}

test_allowed_safe_sysctls if {
	every name in ["net.ipv4.ip_unprivileged_port_start", "net.ipv4.tcp_syncookies", "kernel.shm_rmid_forced"] {
		count(seg_op_011.deny) == 0 with input as requests.create("Pod", setting(name))
	}
}

test_exempt_pod_without_sysctls if {
	count(seg_op_011.deny) == 0 with input as requests.create("Pod", requests.pod({}))
}

test_malformed_sysctls_are_no_crash if {
	count(seg_op_011.deny) == 0 with input as requests.create("Pod", setting(7))
}
