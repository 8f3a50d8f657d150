{{/* What selects this release's pods. */}}
{{- define "s3-proxy.selector" -}}
app.kubernetes.io/name: s3-proxy
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "s3-proxy.labels" -}}
{{ include "s3-proxy.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "s3-proxy.secret" -}}
{{ .Values.existingSecret | default .Release.Name }}
{{- end }}

{{- define "s3-proxy.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}
