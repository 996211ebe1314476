/// cellwright_mpi.so: the ranks of an MPI job behind the table of plugin.h.

#include <cstring>
#include <list>
#include <string>
#include <vector>

#include <time.h>

#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

#include "parallel/mpi/plugin.h"

struct cw_ranks_context {
  struct Sent {
    std::vector<char> bytes;
    MPI_Request request = MPI_REQUEST_NULL;
  };
  MPI_Comm all = MPI_COMM_NULL;
  MPI_Comm node = MPI_COMM_NULL;
  int rank = 0, size = 1, node_rank = 0, node_size = 1;
  std::string host;
  std::list<Sent> sent;
  std::vector<char> received;
};

namespace {

constexpr int message_tag = 1;

void sleep_ms(long milliseconds) {
  const timespec pause{0, milliseconds * 1'000'000};
  ::nanosleep(&pause, nullptr);
}

/// Waits without keeping the processor from those who compile.
int wait(MPI_Request& request) {
  for (int done = 0; done == 0;) {
    const int code = MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (code != MPI_SUCCESS) return code;
    if (done == 0) sleep_ms(1);
  }
  return MPI_SUCCESS;
}

const char* library() {
  static char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  MPI_Get_library_version(text, &length);
  return text;
}

int open_ranks(cw_ranks_context** result) {
  int provided = 0;
  int code = MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
  if (code != MPI_SUCCESS) return code;
  auto* context = new cw_ranks_context;
  code = MPI_Comm_dup(MPI_COMM_WORLD, &context->all);
  if (code != MPI_SUCCESS) return code;
  MPI_Comm_set_errhandler(context->all, MPI_ERRORS_RETURN);
  MPI_Comm_rank(context->all, &context->rank);
  MPI_Comm_size(context->all, &context->size);
  code = MPI_Comm_split_type(context->all, MPI_COMM_TYPE_SHARED, context->rank, MPI_INFO_NULL, &context->node);
  if (code != MPI_SUCCESS) return code;
  MPI_Comm_set_errhandler(context->node, MPI_ERRORS_RETURN);
  MPI_Comm_rank(context->node, &context->node_rank);
  MPI_Comm_size(context->node, &context->node_size);
  char name[MPI_MAX_PROCESSOR_NAME];
  int length = 0;
  MPI_Get_processor_name(name, &length);
  context->host.assign(name, static_cast<std::size_t>(length));
  *result = context;
  return MPI_SUCCESS;
}

const char* error_text(int code) {
  static char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  if (MPI_Error_string(code, text, &length) != MPI_SUCCESS) return "unknown MPI error";
  return text;
}

int broadcast_on(MPI_Comm communicator, void* data, uint64_t bytes) {
  constexpr uint64_t at_once = 1 << 28;  // counts are ints
  for (uint64_t done = 0; done < bytes; done += at_once) {
    const auto count = static_cast<int>(bytes - done < at_once ? bytes - done : at_once);
    MPI_Request request = MPI_REQUEST_NULL;
    int code = MPI_Ibcast(static_cast<char*>(data) + done, count, MPI_BYTE, 0, communicator, &request);
    if (code == MPI_SUCCESS) code = wait(request);
    if (code != MPI_SUCCESS) return code;
  }
  return MPI_SUCCESS;
}

int broadcast(cw_ranks_context* context, void* data, uint64_t bytes) { return broadcast_on(context->all, data, bytes); }
int node_broadcast(cw_ranks_context* context, void* data, uint64_t bytes) {
  return broadcast_on(context->node, data, bytes);
}

int node_gather(cw_ranks_context* context, const void* mine, uint64_t bytes, void* all) {
  MPI_Request request = MPI_REQUEST_NULL;
  const int count = static_cast<int>(bytes);
  const int code = MPI_Iallgather(mine, count, MPI_BYTE, all, count, MPI_BYTE, context->node, &request);
  return code == MPI_SUCCESS ? wait(request) : code;
}

/// Frees the messages that have left. @returns the first error.
int forget_sent(cw_ranks_context* context) {
  for (auto sent = context->sent.begin(); sent != context->sent.end();) {
    int done = 0;
    const int code = MPI_Test(&sent->request, &done, MPI_STATUS_IGNORE);
    if (code != MPI_SUCCESS) return code;
    sent = done != 0 ? context->sent.erase(sent) : std::next(sent);
  }
  return MPI_SUCCESS;
}

int send(cw_ranks_context* context, int to, const void* data, uint64_t bytes) {
  context->sent.emplace_back();
  cw_ranks_context::Sent& message = context->sent.back();
  message.bytes.assign(static_cast<const char*>(data), static_cast<const char*>(data) + bytes);
  return MPI_Isend(message.bytes.data(), static_cast<int>(bytes), MPI_BYTE, to, message_tag, context->all,
                   &message.request);
}

int receive(cw_ranks_context* context, int* from, const void** data, uint64_t* bytes) {
  *from = -1;
  int code = forget_sent(context);
  if (code != MPI_SUCCESS) return code;
  int found = 0;
  MPI_Message message;
  MPI_Status status;
  code = MPI_Improbe(MPI_ANY_SOURCE, message_tag, context->all, &found, &message, &status);
  if (code != MPI_SUCCESS || found == 0) return code;
  int count = 0;
  MPI_Get_count(&status, MPI_BYTE, &count);
  context->received.resize(static_cast<std::size_t>(count));
  code = MPI_Mrecv(context->received.data(), count, MPI_BYTE, &message, &status);
  if (code != MPI_SUCCESS) return code;
  *from = status.MPI_SOURCE;
  *data = context->received.data();
  *bytes = static_cast<uint64_t>(count);
  return MPI_SUCCESS;
}

void abort_ranks(cw_ranks_context* context, int status) { MPI_Abort(context->all, status); }

/// All ranks meet before MPI_Finalize, which would spin for the others; what still comes in is dropped, since its
/// sender waits for that.
void meet(cw_ranks_context* context) {
  MPI_Request request = MPI_REQUEST_NULL;
  bool entered = false;
  for (int done = 0; done == 0;) {
    int from = -1;
    const void* data = nullptr;
    uint64_t bytes = 0;
    if (receive(context, &from, &data, &bytes) != MPI_SUCCESS) return;
    if (from >= 0) continue;
    if (!entered && context->sent.empty()) {
      if (MPI_Ibarrier(context->all, &request) != MPI_SUCCESS) return;
      entered = true;
    }
    if (entered && MPI_Test(&request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS) return;
    if (done == 0) sleep_ms(1);
  }
}

void close_ranks(cw_ranks_context* context) {
  meet(context);
  MPI_Comm_free(&context->node);
  MPI_Comm_free(&context->all);
  delete context;
  MPI_Finalize();
}

constexpr cw_ranks_functions functions = {
    .version = CW_RANKS_VERSION,
    .library = library,
    .open = open_ranks,
    .error_text = error_text,
    .rank = [](const cw_ranks_context* context) { return context->rank; },
    .size = [](const cw_ranks_context* context) { return context->size; },
    .node_rank = [](const cw_ranks_context* context) { return context->node_rank; },
    .node_size = [](const cw_ranks_context* context) { return context->node_size; },
    .host = [](const cw_ranks_context* context) { return context->host.c_str(); },
    .broadcast = broadcast,
    .node_broadcast = node_broadcast,
    .node_gather = node_gather,
    .send = send,
    .receive = receive,
    .abort = abort_ranks,
    .close = close_ranks,
};

}  // namespace

extern "C" const cw_ranks_functions* cellwright_ranks() { return &functions; }
