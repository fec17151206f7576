package packs.segmentation_baseline.seg_op_006_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_op_006

mounting(path) := requests.pod({"volumes": [{"name": "v", "hostPath": {"path": path}}]})

test_denied_at_below_and_above if {
	every path in ["/etc/cni/net.d", "/etc/cni/net.d/10-x.conf", "/etc", "/", "//etc/./cni/net.d/", "/var/log/../lib/kubelet", "/run/containerd/containerd.sock"] {
		count(seg_op_006.deny) == 1 with input as requests.create("Pod", mounting(path))
	}
}

test_denied_names_what_is_reached if {
	some violation in seg_op_006.deny with input as requests.create("Pod", mounting("/var/lib/kubelet/pods"))
	violation.path == "spec.volumes[0].hostPath.path"
	violation.details.hostPath == "/var/lib/kubelet/pods"
}

test_allowed_other_folders if {
	every path in ["/var/log", "/etc/cnitools", "/proc", "/sys/class", "/dev"] {
		count(seg_op_006.deny) == 0 with input as requests.create("Pod", mounting(path))
	}
}

test_exempt_other_volumes if {
	count(seg_op_006.deny) == 0 with input as requests.create("Pod", requests.pod({"volumes": [{"name": "v", "emptyDir": {}}]}))
}

test_malformed_path_is_no_crash if {
	count(seg_op_006.deny) == 0 with input as requests.create("Pod", mounting(7))
}
