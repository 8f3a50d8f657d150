/**
 * docs/recipes/terraform.md, followed by Terraform, and its lock held.
 * @module
 */

import type { Example } from "./recipe_tests.ts";
import { hasProgram } from "./command.ts";

/** While the state is written, another run of the same folder asks for the lock. */
const HOLD_LOCK = `
cat > hold.tf <<'HCL'
resource "terraform_data" "hold" {
  provisioner "local-exec" {
    command = "! terraform plan -input=false -no-color"
  }
}
HCL
terraform apply -auto-approve -input=false -no-color
test "$(terraform output -raw network)" = 10.0.0.0/16`;

/** Where Terraform is installed. */
export const TERRAFORM_EXAMPLE: Example = {
  name: "terraform",
  missing: await hasProgram("terraform") ? undefined : "there is no Terraform on this machine",
  buckets: ["infrastructure"],
  options: () =>
    Promise.resolve({
      env: { CHECKPOINT_DISABLE: "1" }, // it would ask for news of itself
      epilogue: HOLD_LOCK,
    }),
  writes: [
    /Apply complete! Resources: 1 added/,
    /^network = "10\.0\.0\.0\/16"$/m,
    /^\* staging$/m,
    /Error refreshing state: [^]*"elsewhere\/network\.tfstate"[^]*StatusCode: 403/,
    /Error acquiring the state lock[^]*StatusCode: 412/,
  ],
};
