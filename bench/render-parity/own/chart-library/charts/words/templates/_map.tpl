{{- define "words.map" -}}
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .name }}}
data: {release: {{ .context.Release.Name }}}
{{- end -}}
