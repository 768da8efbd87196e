/* Times MPI_Allreduce as `segmpi bench allreduce --library-only` does, without Swift: for each length,
   after a barrier, several all-reduces of floats in place; the slowest rank's time; the median over
   repetitions of which the first is not counted. Prints {"rows":[{"bytes":…,"librarySeconds":…},…]}.

   usage: mpirun -n 2 allreduce REPETITIONS BACK_TO_BACK BYTES… */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int ascending(const void *left, const void *right) {
  const double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

int main(int argc, char **argv) {
  int provided, rank;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &provided);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (argc < 4 || atoi(argv[1]) < 1 || atoi(argv[2]) < 1) {
    if (rank == 0) fprintf(stderr, "usage: allreduce REPETITIONS BACK_TO_BACK BYTES...\n");
    MPI_Finalize();
    return 64;
  }
  const int repetitions = atoi(argv[1]), back_to_back = atoi(argv[2]);
  double *times = malloc(sizeof(double) * (size_t)repetitions);
  if (rank == 0) printf("{\"rows\":[");
  for (int argument = 3; argument < argc; argument++) {
    const int count = atoi(argv[argument]) / 4;
    float *sum = malloc(sizeof(float) * (size_t)count);
    for (int index = 0; index < count; index++) sum[index] = 1;
    for (int repetition = 0; repetition <= repetitions; repetition++) {
      MPI_Barrier(MPI_COMM_WORLD);
      const double start = now();
      for (int turn = 0; turn < back_to_back; turn++)
        MPI_Allreduce(MPI_IN_PLACE, sum, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
      double seconds = (now() - start) / back_to_back;
      MPI_Allreduce(MPI_IN_PLACE, &seconds, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
      if (repetition > 0) times[repetition - 1] = seconds;
    }
    qsort(times, (size_t)repetitions, sizeof(double), ascending);
    const double median = repetitions % 2
      ? times[repetitions / 2]
      : (times[repetitions / 2 - 1] + times[repetitions / 2]) / 2;
    if (rank == 0)
      printf("%s{\"bytes\":%d,\"librarySeconds\":%.9e}", argument > 3 ? "," : "", 4 * count, median);
    free(sum);
  }
  if (rank == 0) printf("]}\n");
  free(times);
  MPI_Finalize();
  return 0;
}
