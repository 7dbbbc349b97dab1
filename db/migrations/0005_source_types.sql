ALTER TABLE "applications" ADD COLUMN "source_types" jsonb;--> statement-breakpoint
UPDATE "applications" SET "source_types" = jsonb_build_array("source_type") WHERE "source_type" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "renders" ADD COLUMN "source_types" jsonb;--> statement-breakpoint
UPDATE "renders" SET "source_types" = jsonb_build_array("source_type");--> statement-breakpoint
ALTER TABLE "renders" ALTER COLUMN "source_types" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "applications" DROP COLUMN "source_type";--> statement-breakpoint
ALTER TABLE "renders" DROP COLUMN "source_type";
