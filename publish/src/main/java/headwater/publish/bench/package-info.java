/** Benchmarks: each makes its own data on servers of its own, and prints its figures beside their targets. */
package headwater.publish.bench;
