argocd cluster add my-production-context \
  --name production-cluster \
  --label environment=production \
  --label region=us-east-1
