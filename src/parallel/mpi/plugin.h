#ifndef CELLWRIGHT_PARALLEL_MPI_PLUGIN_H
#define CELLWRIGHT_PARALLEL_MPI_PLUGIN_H
/* What the program asks of cellwright_mpi.so, the one part of it that is built with MPI. The program loads it only when
 * a launcher started it as one of several ranks: without, it starts as quickly as if MPI did not exist, and needs no
 * MPI. A site's own MPI takes a build of this file alone. All functions are called from one thread; those that return
 * int give 0 or an error code for error_text(). Nothing spins: whoever waits sleeps between looks. */

#include <stdint.h>

#define CW_RANKS_VERSION 1
#define CW_RANKS_ENTRY "cellwright_ranks"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cw_ranks_context cw_ranks_context;

typedef struct {
  int version; /* CW_RANKS_VERSION */
  /* Name and version of the MPI library; may be called at any time. */
  const char* (*library)(void);
  /* Joins the other ranks. */
  int (*open)(cw_ranks_context** context);
  const char* (*error_text)(int code);
  int (*rank)(const cw_ranks_context*);
  int (*size)(const cw_ranks_context*);
  /* Among the ranks of the same machine. */
  int (*node_rank)(const cw_ranks_context*);
  int (*node_size)(const cw_ranks_context*);
  const char* (*host)(const cw_ranks_context*);
  /* From rank 0 to all. */
  int (*broadcast)(cw_ranks_context*, void* data, uint64_t bytes);
  /* From node rank 0 to the others of the machine. */
  int (*node_broadcast)(cw_ranks_context*, void* data, uint64_t bytes);
  /* `all` gets node_size times `bytes`. */
  int (*node_gather)(cw_ranks_context*, const void* mine, uint64_t bytes, void* all);
  /* Copies the message and returns. */
  int (*send)(cw_ranks_context*, int to, const void* data, uint64_t bytes);
  /* The next message that is there, *from = -1 if none is. `*data` is valid until the next call. */
  int (*receive)(cw_ranks_context*, int* from, const void** data, uint64_t* bytes);
  /* Ends all ranks. */
  void (*abort)(cw_ranks_context*, int status);
  /* Waits until messages have left, and for the others; frees the context. */
  void (*close)(cw_ranks_context*);
} cw_ranks_functions;

typedef const cw_ranks_functions* (*cw_ranks_entry)(void);

#ifdef __cplusplus
}
#endif
#endif
