ALTER TABLE "hook"."webhook_configs" ADD COLUMN "rate_limit" integer;--> statement-breakpoint
ALTER TABLE "hook"."webhook_configs" ADD COLUMN "rate_next_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "hook"."webhook_configs" ADD COLUMN "metadata" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "hook"."webhook_configs" ADD COLUMN "revision" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "hook"."webhook_configs" ADD COLUMN "last_success_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "hook"."webhook_configs" ADD COLUMN "failing_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "hook"."webhook_configs" ADD COLUMN "idempotency_key" text;--> statement-breakpoint
ALTER TABLE "hook"."webhook_configs" ADD COLUMN "idempotency_digest" "bytea";--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_configs_idempotency" ON "hook"."webhook_configs" USING btree ("account_id","idempotency_key") WHERE "hook"."webhook_configs"."idempotency_key" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "hook"."webhook_configs" ADD CONSTRAINT "webhook_configs_rate_limit" CHECK ("hook"."webhook_configs"."rate_limit" > 0);--> statement-breakpoint
ALTER TABLE "hook"."webhook_configs" ADD CONSTRAINT "webhook_configs_idempotency_pair" CHECK (("hook"."webhook_configs"."idempotency_key" IS NULL) = ("hook"."webhook_configs"."idempotency_digest" IS NULL));