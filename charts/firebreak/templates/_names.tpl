{{- define "firebreak.labels" -}}
app.kubernetes.io/name: firebreak
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "firebreak.podLabels" -}}
app.kubernetes.io/name: firebreak
app.kubernetes.io/instance: {{ .Release.Name }}
firebreak.dev/owner: {{ .Values.owner }}
{{- end }}

{{- define "firebreak.selector" -}}
app.kubernetes.io/name: firebreak
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: webhook
{{- end }}

{{- define "firebreak.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "firebreak.configuration" -}}
{{- $own := dict "namespace" .Release.Namespace "dnsService" .Values.dnsService "endpoint" (dict "service" (dict "name" "firebreak")) }}
{{- if .Values.certManager.enabled }}{{ $_ := set $own "tls" (dict "source" "files" "folder" "/etc/firebreak/tls") }}{{ end }}
{{- mergeOverwrite $own (deepCopy .Values.configuration) | toYaml }}
{{- end }}

{{- define "firebreak.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "firebreak.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end }}
