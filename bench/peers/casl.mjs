/** CASL, from this folder's own packages: `npm ci --prefix bench/peers`. */

export { AbilityBuilder, createMongoAbility, subject } from '@casl/ability'
