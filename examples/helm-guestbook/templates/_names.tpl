{{- define "helm-guestbook.name" -}}
{{- printf "%s-guestbook" .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "helm-guestbook.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
guestbook: {{ .Release.Name }}
{{- end -}}
