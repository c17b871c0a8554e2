// SPDX-License-Identifier: Apache-2.0
//
// What the files of this back end share. Everything that Metal is asked for
// goes through one lock, as PyTorch's goes through one serial queue.
#ifndef PT2_SRC_BACKENDS_MPS_MPS_H_
#define PT2_SRC_BACKENDS_MPS_MPS_H_

#include "backends/mps/metal.h"
#include "gen/shim_mps.h"
#include "pt2/backend.h"

#define PT2__MPS_OK 0
#define PT2__MPS_FAILED 1

// ---- The library ------------------------------------------------------------

// The library's functions that are used here, found by name: the back end may
// be a plug-in, which is not linked with it.
#define PT2__MPS_HOST_FUNCTIONS(X)                                            \
  X(get_data_ptr, AOTITorchError, (AtenTensorHandle, void**))                 \
  X(get_dim, AOTITorchError, (AtenTensorHandle, int64_t*))                    \
  X(get_numel, AOTITorchError, (AtenTensorHandle, int64_t*))                  \
  X(get_sizes, AOTITorchError, (AtenTensorHandle, int64_t**))                 \
  X(get_strides, AOTITorchError, (AtenTensorHandle, int64_t**))               \
  X(get_dtype, AOTITorchError, (AtenTensorHandle, int32_t*))                  \
  X(get_device_type, AOTITorchError, (AtenTensorHandle, int32_t*))            \
  X(dtype_element_size, size_t, (int32_t))                                    \
  X(empty_strided, AOTITorchError,                                            \
    (int64_t, const int64_t*, const int64_t*, int32_t, int32_t, int32_t,      \
     AtenTensorHandle*))                                                      \
  X(copy_, AOTITorchError, (AtenTensorHandle, AtenTensorHandle, int32_t))     \
  X(zero_, AOTITorchError, (AtenTensorHandle))                                \
  X(delete_tensor_object, AOTITorchError, (AtenTensorHandle))                 \
  X(cpu_mm_out, AOTITorchError,                                               \
    (AtenTensorHandle, AtenTensorHandle, AtenTensorHandle))                   \
  X(cpu_bmm_out, AOTITorchError,                                              \
    (AtenTensorHandle, AtenTensorHandle, AtenTensorHandle))                   \
  X(cpu_addmm_out, AOTITorchError,                                            \
    (AtenTensorHandle, AtenTensorHandle, AtenTensorHandle, AtenTensorHandle,  \
     double, double))                                                         \
  X(cpu_baddbmm_out, AOTITorchError,                                          \
    (AtenTensorHandle, AtenTensorHandle, AtenTensorHandle, AtenTensorHandle,  \
     double, double))                                                         \
  X(cpu_cumsum, AOTITorchError,                                               \
    (AtenTensorHandle, int64_t, int32_t*, AtenTensorHandle*))                 \
  X(cpu_cumprod, AOTITorchError,                                              \
    (AtenTensorHandle, int64_t, int32_t*, AtenTensorHandle*))                 \
  X(cpu_logcumsumexp, AOTITorchError,                                         \
    (AtenTensorHandle, int64_t, AtenTensorHandle*))                           \
  X(cpu_cummax, AOTITorchError,                                               \
    (AtenTensorHandle, int64_t, AtenTensorHandle*, AtenTensorHandle*))        \
  X(cpu_cummin, AOTITorchError,                                               \
    (AtenTensorHandle, int64_t, AtenTensorHandle*, AtenTensorHandle*))        \
  X(cpu_sort, AOTITorchError,                                                 \
    (AtenTensorHandle, int64_t, int32_t, AtenTensorHandle*,                   \
     AtenTensorHandle*))                                                      \
  X(cpu_sort_stable, AOTITorchError,                                          \
    (AtenTensorHandle, int32_t*, int64_t, int32_t, AtenTensorHandle*,         \
     AtenTensorHandle*))                                                      \
  X(cpu_topk, AOTITorchError,                                                 \
    (AtenTensorHandle, int64_t, int64_t, int32_t, int32_t, AtenTensorHandle*, \
     AtenTensorHandle*))                                                      \
  X(cpu_scatter_src_out, AOTITorchError,                                      \
    (AtenTensorHandle, AtenTensorHandle, int64_t, AtenTensorHandle,           \
     AtenTensorHandle))                                                       \
  X(cpu_scatter_value_out, AOTITorchError,                                    \
    (AtenTensorHandle, AtenTensorHandle, int64_t, AtenTensorHandle, double))  \
  X(cpu_scatter_reduce_two_out, AOTITorchError,                               \
    (AtenTensorHandle, AtenTensorHandle, int64_t, AtenTensorHandle,           \
     AtenTensorHandle, const char*, int32_t))                                 \
  X(index_put_out, AOTITorchError,                                            \
    (AtenTensorHandle, AtenTensorHandle, const AtenTensorHandle*,             \
     const uint32_t, const AtenTensorHandle, bool))                           \
  X(cpu_convolution, AOTITorchError,                                          \
    (AtenTensorHandle, AtenTensorHandle, AtenTensorHandle*, const int64_t*,   \
     int64_t, const int64_t*, int64_t, const int64_t*, int64_t, int32_t,      \
     const int64_t*, int64_t, int64_t, AtenTensorHandle*))                    \
  X(cpu_convolution_backward, AOTITorchError,                                 \
    (AtenTensorHandle, AtenTensorHandle, AtenTensorHandle, const int64_t**,   \
     int64_t, const int64_t*, int64_t, const int64_t*, int64_t,               \
     const int64_t*, int64_t, int32_t, const int64_t*, int64_t, int64_t,      \
     const int32_t*, int64_t, AtenTensorHandle*, AtenTensorHandle*,           \
     AtenTensorHandle*))

typedef struct {
  const pt2_backend_host_t* table;
#define PT2__MPS_FIELD(name, result, parameters) result(*name) parameters;
  PT2__MPS_HOST_FUNCTIONS(PT2__MPS_FIELD)
#undef PT2__MPS_FIELD
} pt2__mps_host_t;
extern pt2__mps_host_t pt2__mps_host;

// The back end; NULL if |host| lacks a function that it needs.
const pt2_backend_t* pt2__mps_backend(const pt2_backend_host_t* host);

// Records what went wrong and is |status|.
#define PT2__MPS_FAIL(status, ...) pt2__mps_fail(status, __VA_ARGS__)
pt2_status_t pt2__mps_fail(pt2_status_t status, const char* format, ...)
    PT2_PRINTF(2, 3);

#define PT2__MPS_TRY(expr)              \
  do {                                  \
    pt2_status_t try_status_ = (expr);  \
    if (try_status_ != PT2_STATUS_OK) { \
      return try_status_;               \
    }                                   \
  } while (0)
// Ends a shim with PyTorch's code for |expr| (a pt2_status_t). A failure is
// noted: models do not look at what calls inside of command blocks return, nor
// those that take memory for constants.
#define PT2__MPS_RETURN(expr) return pt2__mps_shim_result(expr)
AOTITorchError pt2__mps_shim_result(pt2_status_t status);

// Fails if |out|, where |who|, an operator, is to put a result, is NULL.
pt2_status_t pt2__mps_check_out(const char* who, const void* out);

// ---- State (state.c) --------------------------------------------------------

// One thread may take the lock many times.
void pt2__mps_lock(void);
void pt2__mps_unlock(void);

// The first failure of a shim in this thread since this was last asked; its
// message is recorded again, since others have recorded and cleared meanwhile.
pt2_status_t pt2__mps_take_failure(void);

// ---- Memory (memory.c) ------------------------------------------------------

// |bytes| > 0.
pt2_status_t pt2__mps_memory_allocate(size_t bytes, void** out_data);
// Work given before may still use it.
void pt2__mps_memory_free(void* data);
// Takes back what starts at |data|; false if nothing does.
bool pt2__mps_memory_free_checked(void* data);
// Whether the |bytes| bytes at |data| are the device's. The caller holds the
// lock, here and in the next.
bool pt2__mps_memory_has(const void* data, size_t bytes);
// The buffer that |data| is in, for the commands that are being collected; NULL
// if it is in none.
pt2__metal_buffer_t* pt2__mps_memory_use(const void* data, size_t* out_offset);
// Gives back what is freed and kept for reuse.
void pt2__mps_memory_trim(void);
// How much may be kept; SIZE_MAX: a quarter of the machine's memory.
void pt2__mps_memory_set_kept_most(size_t bytes);
pt2_status_t pt2__mps_memory_copy(int32_t kind, void* target,
                                  const void* source, size_t bytes);
pt2_status_t pt2__mps_memory_fill(void* data, uint8_t value, size_t bytes);
void pt2__mps_memory_statistics(pt2_backend_statistics_t* out_statistics);

// ---- The stream (stream.c) --------------------------------------------------
// Commands are collected in one encoder and committed at the end of a run or
// when somebody waits. The caller holds the lock, but for synchronize.

typedef struct {
  uint64_t kernel_count;   // dispatches
  uint64_t command_count;  // command buffers committed
  uint64_t wait_count;     // waits that had something to wait for
} pt2__mps_stream_statistics_t;

pt2_status_t pt2__mps_stream_commands(pt2__metal_commands_t** out_commands);
pt2_status_t pt2__mps_stream_commit(void);
// The number of the commands that are being collected, and of the last that
// have run: they run one after the other.
uint64_t pt2__mps_stream_now(void);
uint64_t pt2__mps_stream_done(void);
// Waits for everything given before; if some of it failed, the next who
// synchronizes or commits is told.
void pt2__mps_stream_finish(void);
// Waits for everything given before. Fails if any of it failed since this was
// last asked.
pt2_status_t pt2__mps_stream_synchronize(void);
pt2__mps_stream_statistics_t* pt2__mps_stream_statistics(void);
// Of the open commands.
struct pt2__mps_reports_t** pt2__mps_stream_reports(void);

// ---- Kernels (library.c, encode.c) ------------------------------------------

typedef struct pt2__mps_kernel_t {
  struct pt2__mps_kernel_t* next;
  pt2__metal_kernel_t* metal;
  size_t max_threads;
  char name[];
} pt2__mps_kernel_t;

// The library of |source|, compiled unless it is there from before. If it does
// not compile, |what| does not.
pt2_status_t pt2__mps_library_take(const char* what, const char* source,
                                   struct pt2__mps_library_t** out_library);
void pt2__mps_library_give_back(struct pt2__mps_library_t* library);
// Belongs to the library.
pt2_status_t pt2__mps_library_kernel(struct pt2__mps_library_t* library,
                                     const char* name,
                                     pt2__mps_kernel_t** out_kernel);
// Drops the libraries that are kept for later.
void pt2__mps_library_trim(void);
// How many were compiled so far.
uint64_t pt2__mps_library_compiled(void);

// One kernel call: the caller holds the lock from begin to dispatch. Once a
// step failed the later ones do too.
pt2_status_t pt2__mps_encode_begin(pt2__mps_kernel_t* kernel);
pt2_status_t pt2__mps_encode_tensor(unsigned index, AtenTensorHandle tensor);
// The same from an element of it on; |tensor| is the device's and not empty.
pt2_status_t pt2__mps_encode_part(unsigned index, AtenTensorHandle tensor,
                                  int64_t first_element);
pt2_status_t pt2__mps_encode_bytes(unsigned index, const void* data,
                                   size_t bytes);
// |group| may be NULL: as many threads in a row as the kernel allows.
pt2_status_t pt2__mps_encode_dispatch(const pt2__mps_kernel_t* kernel,
                                      const uint64_t* threads,
                                      size_t dimension_count,
                                      const uint64_t* group,
                                      size_t group_dimension_count);

// ---- What kernels report (reports.c) ----------------------------------------

#define PT2__MPS_INDEX_MAX 4  // index tensors of one kernel call

// What a kernel call of an operator indexes, for the words of its failure.
typedef struct {
  const char* op;  // a literal
  int64_t dims[PT2__MPS_INDEX_MAX];
  int64_t sizes[PT2__MPS_INDEX_MAX];
} pt2__mps_indexed_t;
// A place in |*list|, which belongs to commands, where one kernel call writes
// what index is out of range.
pt2_status_t pt2__mps_reports_add(struct pt2__mps_reports_t** list,
                                  const pt2__mps_indexed_t* indexed,
                                  pt2__metal_buffer_t** out_buffer,
                                  size_t* out_offset);
// Takes back |list|, whose commands have run. False, with words in |text|, if
// one of the calls has reported something.
bool pt2__mps_reports_finish(struct pt2__mps_reports_t* list, char* text,
                             size_t text_bytes);
// Gives back what was taken back and is kept for the next.
void pt2__mps_reports_trim(void);
// Argument |index| of the kernel call that was begun: a place to report to.
// What is reported fails the wait for the call's commands.
pt2_status_t pt2__mps_encode_report(unsigned index,
                                    const pt2__mps_indexed_t* indexed);

// ---- Operators --------------------------------------------------------------

// What a kernel of ours needs to know of a tensor.
typedef struct {
  int64_t rank;
  const int64_t* sizes;
  const int64_t* strides;
  int32_t dtype;
  int64_t numel;
} pt2__mps_view_t;
// False unless |tensor| is one of this device.
bool pt2__mps_view(AtenTensorHandle tensor, pt2__mps_view_t* out_view);
// Dimensions that a tensor may have in arrays here.
#define PT2__MPS_RANK_MAX 64
// |a| / |b|, a part counted as one; |a| >= 0, |b| > 0.
static inline int64_t pt2__mps_divide_up(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}
// Gives up |tensor|, which may be NULL.
void pt2__mps_delete(AtenTensorHandle tensor);
// A dtype for messages.
const char* pt2__mps_dtype_text(int32_t dtype);
// float32, float16 or bfloat16.
bool pt2__mps_is_float(int32_t dtype);
// Whether Metal has a type for |dtype|: what kernels of ours may be made for.
bool pt2__mps_has_type(int32_t dtype);
// A kernel of ours for a dtype: |template_source|, one of the strings below,
// with T as a type of that name. Kept for good.
pt2_status_t pt2__mps_own_kernel(const char* template_source, int32_t dtype,
                                 const char* name,
                                 pt2__mps_kernel_t** out_kernel);
// The same with S as the type of |second|, which may be undefined.
pt2_status_t pt2__mps_own_kernel_of_two(const char* template_source,
                                        int32_t dtype, int32_t second,
                                        const char* name,
                                        pt2__mps_kernel_t** out_kernel);
// Drops them: for tests, which then count what is left.
void pt2__mps_own_kernels_release(void);

// Operators that work on the elements along one dimension: what is left is
// rows, counted over the other dimensions.
#define PT2__MPS_ROW_DIMS 8
// The kernels' struct of the same name (kernels/scan.metal, sort.metal and
// index.metal).
typedef struct {
  int32_t rank;
  int32_t padding;
  int64_t sizes[PT2__MPS_ROW_DIMS];
  int64_t strides[3][PT2__MPS_ROW_DIMS];  // of up to three tensors
} pt2__mps_rows_t;
// The dimensions of |views|, which are |count| (at most 3) and equal in rank
// and in their sizes (the first one's count) but for |dim|. Dimensions that lie
// behind one another become one. False if there are more than fit.
bool pt2__mps_rows(const pt2__mps_view_t* const* views, int count, int64_t dim,
                   pt2__mps_rows_t* out_rows);
// |dim| of |view| counted from the front, where 0 dimensions are one of one
// element; false if there is none.
bool pt2__mps_wrap_dim(const pt2__mps_view_t* view, int64_t* dim);
static inline int64_t pt2__mps_size_at(const pt2__mps_view_t* view,
                                       int64_t dim) {
  return view->rank > 0 ? view->sizes[dim] : 1;
}
static inline int64_t pt2__mps_stride_at(const pt2__mps_view_t* view,
                                         int64_t dim) {
  return view->rank > 0 ? view->strides[dim] : 0;
}
// Whether the elements lie without gaps, in whatever order.
bool pt2__mps_is_dense(const pt2__mps_view_t* view);
// Whether they lie row by row, without gaps.
bool pt2__mps_is_contiguous(const pt2__mps_view_t* view);
// A tensor of the device; |*out| is the caller's.
pt2_status_t pt2__mps_make_strided(int64_t rank, const int64_t* sizes,
                                   const int64_t* strides, int32_t dtype,
                                   AtenTensorHandle* out);
// The same, dense: laid out as |like|, or row-major if that is NULL.
pt2_status_t pt2__mps_make(int64_t rank, const int64_t* sizes, int32_t dtype,
                           const pt2__mps_view_t* like, AtenTensorHandle* out);

// In place of a function of the library's, whose name it has for models.
AOTITorchError pt2__mps_index_put_out(AtenTensorHandle out,
                                      AtenTensorHandle self,
                                      const AtenTensorHandle* indices,
                                      const uint32_t num_indices,
                                      const AtenTensorHandle values,
                                      bool accumulate);

// What models of the device import.
extern const pt2_backend_symbol_t pt2__mps_symbols[];
extern const size_t pt2__mps_symbol_count;

// The sources of the kernels, made from kernels/*.metal by the build.
extern const char pt2__mps_matmul_source[];
extern const char pt2__mps_matmul_simdgroup_source[];
extern const char pt2__mps_matvec_source[];
extern const char pt2__mps_attention_source[];
extern const char pt2__mps_convolution_source[];
extern const char pt2__mps_scan_source[];
extern const char pt2__mps_sort_source[];
extern const char pt2__mps_index_source[];
extern const char pt2__mps_int4_source[];

#endif  // PT2_SRC_BACKENDS_MPS_MPS_H_
