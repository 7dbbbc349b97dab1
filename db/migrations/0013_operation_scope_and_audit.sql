ALTER TABLE "applications" ADD COLUMN "spec_generation" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "applications" ADD COLUMN "spec_digest" text;--> statement-breakpoint
UPDATE "applications" SET "spec_generation" = "generation";--> statement-breakpoint
ALTER TABLE "operations" ADD COLUMN "application_namespace" text;--> statement-breakpoint
ALTER TABLE "operations" ADD COLUMN "project" text;--> statement-breakpoint
-- A run was read with the rights of the project in its own spec; it stays so.
UPDATE "operations" SET "project" = coalesce("spec" ->> 'project', '');--> statement-breakpoint
UPDATE "operations" SET "application_namespace" = a."namespace" FROM "applications" a WHERE a."id" = "application_id";--> statement-breakpoint
UPDATE "operations" SET "application_namespace" = c."final" ->> 'namespace' FROM "changes" c
  WHERE "application_namespace" IS NULL AND c."application_id" = "operations"."application_id" AND c."final" ->> 'namespace' IS NOT NULL;--> statement-breakpoint
-- Until now every application was in Keelson's own namespace: that of any other is that of one which is gone.
UPDATE "operations" SET "application_namespace" = coalesce((SELECT "namespace" FROM "applications" LIMIT 1), 'argocd')
  WHERE "application_namespace" IS NULL;--> statement-breakpoint
ALTER TABLE "operations" ALTER COLUMN "application_namespace" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "operations" ALTER COLUMN "project" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "audit" ADD COLUMN "source_address" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "audit" ADD COLUMN "decision" text DEFAULT 'allowed' NOT NULL;--> statement-breakpoint
ALTER TABLE "audit" ADD COLUMN "reason" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "audit" ADD COLUMN "before_digest" text;--> statement-breakpoint
ALTER TABLE "audit" ADD COLUMN "after_digest" text;
