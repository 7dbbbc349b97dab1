local workload = import 'workload.libsonnet';

function(name, replicas=1, image='nginx:1.27') [
  workload.configMap(name, { environment: std.extVar('environment') }),
  workload.deployment(name, replicas, image),
  workload.service(name),
]
