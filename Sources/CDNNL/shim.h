// One set of functions over oneDNN 2.6 and 3.x; every difference between the two ends here.
//
// 2.6 describes a primitive by a struct of its own and then makes a primitive descriptor of it;
// 3.x makes the primitive descriptor at once. 2.6 shows memory descriptors as plain structs, 3.x
// hides them. Callers see the 3.x shape: opaque memory descriptors that they destroy, and one
// function for each kind of primitive descriptor.
#ifndef CDNNL_SHIM_H
#define CDNNL_SHIM_H

#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>

#if DNNL_VERSION_MAJOR < 2 || (DNNL_VERSION_MAJOR == 2 && DNNL_VERSION_MINOR < 6)
#error "segmpi needs oneDNN 2.6 or newer (Debian: libdnnl-dev)"
#endif

// libgomp has no header for these: the entry that compilers emit calls to for a parallel region,
// and the runtime functions of <omp.h>, which is shipped with gcc only. oneDNN's own team is used,
// never a second pool.
void GOMP_parallel(void (*body)(void *), void *context, unsigned threads, unsigned flags);
void omp_set_num_threads(int count);
int omp_get_thread_num(void);
int omp_get_num_threads(void);

// ---- memory descriptors -------------------------------------------------------------------

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t cdnnl_md;
typedef const_dnnl_memory_desc_t cdnnl_const_md;
#else
typedef dnnl_memory_desc_t *cdnnl_md;
typedef const dnnl_memory_desc_t *cdnnl_const_md;
#endif

static inline void cdnnl_md_destroy(cdnnl_md md) {
#if DNNL_VERSION_MAJOR >= 3
  dnnl_memory_desc_destroy(md);
#else
  free(md);
#endif
}

static inline dnnl_status_t cdnnl_md_clone(cdnnl_md *out, cdnnl_const_md md) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_memory_desc_clone(out, md);
#else
  *out = (cdnnl_md)malloc(sizeof **out);
  if (!*out) return dnnl_out_of_memory;
  **out = *md;
  return dnnl_success;
#endif
}

static inline dnnl_status_t cdnnl_md_by_tag(cdnnl_md *out, int ndims, const int64_t *dims,
                                            dnnl_data_type_t type, dnnl_format_tag_t tag) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_memory_desc_create_with_tag(out, ndims, dims, type, tag);
#else
  *out = (cdnnl_md)calloc(1, sizeof **out);
  if (!*out) return dnnl_out_of_memory;
  dnnl_status_t status = dnnl_memory_desc_init_by_tag(*out, ndims, dims, type, tag);
  if (status != dnnl_success) free(*out);
  return status;
#endif
}

static inline dnnl_status_t cdnnl_md_by_strides(cdnnl_md *out, int ndims, const int64_t *dims,
                                                dnnl_data_type_t type, const int64_t *strides) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_memory_desc_create_with_strides(out, ndims, dims, type, strides);
#else
  *out = (cdnnl_md)calloc(1, sizeof **out);
  if (!*out) return dnnl_out_of_memory;
  dnnl_status_t status = dnnl_memory_desc_init_by_strides(*out, ndims, dims, type, strides);
  if (status != dnnl_success) free(*out);
  return status;
#endif
}

static inline dnnl_status_t cdnnl_md_submemory(cdnnl_md *out, cdnnl_const_md parent,
                                               const int64_t *dims, const int64_t *offsets) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_memory_desc_create_submemory(out, parent, dims, offsets);
#else
  *out = (cdnnl_md)calloc(1, sizeof **out);
  if (!*out) return dnnl_out_of_memory;
  dnnl_status_t status = dnnl_memory_desc_init_submemory(*out, parent, dims, offsets);
  if (status != dnnl_success) free(*out);
  return status;
#endif
}

static inline dnnl_data_type_t cdnnl_md_type(cdnnl_const_md md) {
#if DNNL_VERSION_MAJOR >= 3
  dnnl_data_type_t type = dnnl_data_type_undef;
  dnnl_memory_desc_query(md, dnnl_query_data_type, &type);
  return type;
#else
  return md->data_type;
#endif
}

// The blocking of a descriptor: strides of the outer extents and at most `capacity` inner blocks.
// Returns the number of inner blocks, or -1 where the format is not blocked.
static inline int cdnnl_md_blocking(cdnnl_const_md md, int64_t *strides, int64_t *blocks,
                                    int64_t *axes) {
#if DNNL_VERSION_MAJOR >= 3
  dnnl_format_kind_t kind = dnnl_format_kind_undef;
  dnnl_memory_desc_query(md, dnnl_query_format_kind, &kind);
  if (kind != dnnl_blocked) return -1;
  int ndims = 0, count = 0;
  const dnnl_dims_t *values = NULL;
  dnnl_memory_desc_query(md, dnnl_query_ndims_s32, &ndims);
  dnnl_memory_desc_query(md, dnnl_query_strides, &values);
  for (int i = 0; i < ndims; ++i) strides[i] = (*values)[i];
  dnnl_memory_desc_query(md, dnnl_query_inner_nblks_s32, &count);
  dnnl_memory_desc_query(md, dnnl_query_inner_blks, &values);
  for (int i = 0; i < count; ++i) blocks[i] = (*values)[i];
  dnnl_memory_desc_query(md, dnnl_query_inner_idxs, &values);
  for (int i = 0; i < count; ++i) axes[i] = (*values)[i];
  return count;
#else
  if (md->format_kind != dnnl_blocked) return -1;
  const dnnl_blocking_desc_t *blocking = &md->format_desc.blocking;
  for (int i = 0; i < md->ndims; ++i) strides[i] = blocking->strides[i];
  for (int i = 0; i < blocking->inner_nblks; ++i) {
    blocks[i] = blocking->inner_blks[i];
    axes[i] = blocking->inner_idxs[i];
  }
  return blocking->inner_nblks;
#endif
}

static inline cdnnl_const_md cdnnl_pd_md(const_dnnl_primitive_desc_t pd, dnnl_query_t what) {
  return dnnl_primitive_desc_query_md(pd, what, 0);
}

// ---- attributes ---------------------------------------------------------------------------

static inline dnnl_status_t cdnnl_append_eltwise(dnnl_post_ops_t ops, dnnl_alg_kind_t algorithm,
                                                 float alpha, float beta) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_post_ops_append_eltwise(ops, algorithm, alpha, beta);
#else
  return dnnl_post_ops_append_eltwise(ops, 1.0f, algorithm, alpha, beta);
#endif
}

// ---- primitive descriptors ----------------------------------------------------------------
// Arguments follow the 3.x functions of the same name; `hint` is the forward descriptor.

#if DNNL_VERSION_MAJOR < 3
#define CDNNL_FINISH(description, hint)                                    \
  if (status != dnnl_success) return status;                               \
  return dnnl_primitive_desc_create(pd, &description, attr, engine, hint);
#endif

static inline dnnl_status_t cdnnl_convolution_forward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_prop_kind_t prop, cdnnl_const_md src,
    cdnnl_const_md weights, cdnnl_const_md bias, cdnnl_const_md dst, const int64_t *strides,
    const int64_t *dilates, const int64_t *before, const int64_t *after,
    const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_convolution_forward_primitive_desc_create(pd, engine, prop, dnnl_convolution_direct,
      src, weights, bias, dst, strides, dilates, before, after, attr);
#else
  dnnl_convolution_desc_t desc;
  dnnl_status_t status = dnnl_dilated_convolution_forward_desc_init(&desc, prop,
      dnnl_convolution_direct, src, weights, bias, dst, strides, dilates, before, after);
  CDNNL_FINISH(desc, NULL)
#endif
}

static inline dnnl_status_t cdnnl_convolution_backward_data(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, cdnnl_const_md diff_src,
    cdnnl_const_md weights, cdnnl_const_md diff_dst, const int64_t *strides,
    const int64_t *dilates, const int64_t *before, const int64_t *after,
    const_dnnl_primitive_desc_t hint, const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_convolution_backward_data_primitive_desc_create(pd, engine, dnnl_convolution_direct,
      diff_src, weights, diff_dst, strides, dilates, before, after, hint, attr);
#else
  dnnl_convolution_desc_t desc;
  dnnl_status_t status = dnnl_dilated_convolution_backward_data_desc_init(&desc,
      dnnl_convolution_direct, diff_src, weights, diff_dst, strides, dilates, before, after);
  CDNNL_FINISH(desc, hint)
#endif
}

static inline dnnl_status_t cdnnl_convolution_backward_weights(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, cdnnl_const_md src,
    cdnnl_const_md diff_weights, cdnnl_const_md diff_bias, cdnnl_const_md diff_dst,
    const int64_t *strides, const int64_t *dilates, const int64_t *before, const int64_t *after,
    const_dnnl_primitive_desc_t hint, const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_convolution_backward_weights_primitive_desc_create(pd, engine,
      dnnl_convolution_direct, src, diff_weights, diff_bias, diff_dst, strides, dilates, before,
      after, hint, attr);
#else
  dnnl_convolution_desc_t desc;
  dnnl_status_t status = dnnl_dilated_convolution_backward_weights_desc_init(&desc,
      dnnl_convolution_direct, src, diff_weights, diff_bias, diff_dst, strides, dilates, before,
      after);
  CDNNL_FINISH(desc, hint)
#endif
}

static inline dnnl_status_t cdnnl_deconvolution_forward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_prop_kind_t prop, cdnnl_const_md src,
    cdnnl_const_md weights, cdnnl_const_md bias, cdnnl_const_md dst, const int64_t *strides,
    const int64_t *dilates, const int64_t *before, const int64_t *after,
    const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_deconvolution_forward_primitive_desc_create(pd, engine, prop,
      dnnl_deconvolution_direct, src, weights, bias, dst, strides, dilates, before, after, attr);
#else
  dnnl_deconvolution_desc_t desc;
  dnnl_status_t status = dnnl_dilated_deconvolution_forward_desc_init(&desc, prop,
      dnnl_deconvolution_direct, src, weights, bias, dst, strides, dilates, before, after);
  CDNNL_FINISH(desc, NULL)
#endif
}

static inline dnnl_status_t cdnnl_deconvolution_backward_weights(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, cdnnl_const_md src,
    cdnnl_const_md diff_weights, cdnnl_const_md diff_bias, cdnnl_const_md diff_dst,
    const int64_t *strides, const int64_t *dilates, const int64_t *before, const int64_t *after,
    const_dnnl_primitive_desc_t hint, const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_deconvolution_backward_weights_primitive_desc_create(pd, engine,
      dnnl_deconvolution_direct, src, diff_weights, diff_bias, diff_dst, strides, dilates, before,
      after, hint, attr);
#else
  dnnl_deconvolution_desc_t desc;
  dnnl_status_t status = dnnl_dilated_deconvolution_backward_weights_desc_init(&desc,
      dnnl_deconvolution_direct, src, diff_weights, diff_bias, diff_dst, strides, dilates, before,
      after);
  CDNNL_FINISH(desc, hint)
#endif
}

static inline dnnl_status_t cdnnl_pooling_forward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_prop_kind_t prop,
    dnnl_alg_kind_t algorithm, cdnnl_const_md src, cdnnl_const_md dst, const int64_t *strides,
    const int64_t *kernel, const int64_t *before, const int64_t *after,
    const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  const dnnl_dims_t dense = {0};
  return dnnl_pooling_forward_primitive_desc_create(pd, engine, prop, algorithm, src, dst,
      strides, kernel, dense, before, after, attr);
#else
  dnnl_pooling_desc_t desc;
  dnnl_status_t status = dnnl_pooling_forward_desc_init(&desc, prop, algorithm, src, dst, strides,
      kernel, before, after);
  CDNNL_FINISH(desc, NULL)
#endif
}

static inline dnnl_status_t cdnnl_pooling_backward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    cdnnl_const_md diff_src, cdnnl_const_md diff_dst, const int64_t *strides,
    const int64_t *kernel, const int64_t *before, const int64_t *after,
    const_dnnl_primitive_desc_t hint, const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  const dnnl_dims_t dense = {0};
  return dnnl_pooling_backward_primitive_desc_create(pd, engine, algorithm, diff_src, diff_dst,
      strides, kernel, dense, before, after, hint, attr);
#else
  dnnl_pooling_desc_t desc;
  dnnl_status_t status = dnnl_pooling_backward_desc_init(&desc, algorithm, diff_src, diff_dst,
      strides, kernel, before, after);
  CDNNL_FINISH(desc, hint)
#endif
}

static inline dnnl_status_t cdnnl_batch_normalization_forward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_prop_kind_t prop, cdnnl_const_md src,
    float epsilon, unsigned flags, const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_batch_normalization_forward_primitive_desc_create(pd, engine, prop, src, src,
      epsilon, flags, attr);
#else
  dnnl_batch_normalization_desc_t desc;
  dnnl_status_t status = dnnl_batch_normalization_forward_desc_init(&desc, prop, src, epsilon,
      flags);
  CDNNL_FINISH(desc, NULL)
#endif
}

static inline dnnl_status_t cdnnl_batch_normalization_backward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, cdnnl_const_md diff, cdnnl_const_md src,
    float epsilon, unsigned flags, const_dnnl_primitive_desc_t hint,
    const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_batch_normalization_backward_primitive_desc_create(pd, engine, dnnl_backward, diff,
      diff, src, epsilon, flags, hint, attr);
#else
  dnnl_batch_normalization_desc_t desc;
  dnnl_status_t status = dnnl_batch_normalization_backward_desc_init(&desc, dnnl_backward, diff,
      src, epsilon, flags);
  CDNNL_FINISH(desc, hint)
#endif
}

// Whether the backward primitive asks for the shift, which its gradient does not depend on: 2.6
// does, 3.x refuses it.
static inline int cdnnl_batch_normalization_backward_takes_shift(void) {
  return DNNL_VERSION_MAJOR < 3;
}

static inline dnnl_status_t cdnnl_eltwise_forward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_prop_kind_t prop,
    dnnl_alg_kind_t algorithm, cdnnl_const_md src, float alpha, float beta,
    const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_eltwise_forward_primitive_desc_create(pd, engine, prop, algorithm, src, src, alpha,
      beta, attr);
#else
  dnnl_eltwise_desc_t desc;
  dnnl_status_t status = dnnl_eltwise_forward_desc_init(&desc, prop, algorithm, src, alpha, beta);
  CDNNL_FINISH(desc, NULL)
#endif
}

static inline dnnl_status_t cdnnl_eltwise_backward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    cdnnl_const_md diff, cdnnl_const_md data, float alpha, float beta,
    const_dnnl_primitive_desc_t hint, const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_eltwise_backward_primitive_desc_create(pd, engine, algorithm, diff, diff, data,
      alpha, beta, hint, attr);
#else
  dnnl_eltwise_desc_t desc;
  dnnl_status_t status = dnnl_eltwise_backward_desc_init(&desc, algorithm, diff, data, alpha,
      beta);
  CDNNL_FINISH(desc, hint)
#endif
}

static inline dnnl_status_t cdnnl_prelu_forward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_prop_kind_t prop, cdnnl_const_md src,
    cdnnl_const_md weights, const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_prelu_forward_primitive_desc_create(pd, engine, prop, src, weights, src, attr);
#else
  dnnl_prelu_desc_t desc;
  dnnl_status_t status = dnnl_prelu_forward_desc_init(&desc, prop, src, weights);
  CDNNL_FINISH(desc, NULL)
#endif
}

static inline dnnl_status_t cdnnl_prelu_backward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, cdnnl_const_md src, cdnnl_const_md weights,
    cdnnl_const_md diff, cdnnl_const_md diff_weights, const_dnnl_primitive_desc_t hint,
    const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_prelu_backward_primitive_desc_create(pd, engine, src, weights, diff, diff_weights,
      diff, hint, attr);
#else
  dnnl_prelu_desc_t desc;
  dnnl_status_t status = dnnl_prelu_backward_desc_init(&desc, src, weights, diff, diff_weights);
  CDNNL_FINISH(desc, hint)
#endif
}

static inline dnnl_status_t cdnnl_binary(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    cdnnl_const_md src0, cdnnl_const_md src1, cdnnl_const_md dst,
    const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_binary_primitive_desc_create(pd, engine, algorithm, src0, src1, dst, attr);
#else
  dnnl_binary_desc_t desc;
  dnnl_status_t status = dnnl_binary_desc_init(&desc, algorithm, src0, src1, dst);
  CDNNL_FINISH(desc, NULL)
#endif
}

static inline dnnl_status_t cdnnl_resampling_forward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_prop_kind_t prop,
    dnnl_alg_kind_t algorithm, cdnnl_const_md src, cdnnl_const_md dst,
    const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_resampling_forward_primitive_desc_create(pd, engine, prop, algorithm, NULL, src,
      dst, attr);
#else
  dnnl_resampling_desc_t desc;
  dnnl_status_t status = dnnl_resampling_forward_desc_init(&desc, prop, algorithm, NULL, src,
      dst);
  CDNNL_FINISH(desc, NULL)
#endif
}

static inline dnnl_status_t cdnnl_resampling_backward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    cdnnl_const_md diff_src, cdnnl_const_md diff_dst, const_dnnl_primitive_desc_t hint,
    const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_resampling_backward_primitive_desc_create(pd, engine, algorithm, NULL, diff_src,
      diff_dst, hint, attr);
#else
  dnnl_resampling_desc_t desc;
  dnnl_status_t status = dnnl_resampling_backward_desc_init(&desc, algorithm, NULL, diff_src,
      diff_dst);
  CDNNL_FINISH(desc, hint)
#endif
}

static inline dnnl_status_t cdnnl_reduction_sum(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, cdnnl_const_md src, cdnnl_const_md dst,
    const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_reduction_primitive_desc_create(pd, engine, dnnl_reduction_sum, src, dst, 0, 0,
      attr);
#else
  dnnl_reduction_desc_t desc;
  dnnl_status_t status = dnnl_reduction_desc_init(&desc, dnnl_reduction_sum, src, dst, 0, 0);
  CDNNL_FINISH(desc, NULL)
#endif
}

#endif
