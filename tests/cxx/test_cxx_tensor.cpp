// SPDX-License-Identifier: Apache-2.0
//
// pt2::Tensor: handles, dtypes, views, blobs and who frees them, DLPack.
#include <array>
#include <sstream>
#if __cplusplus >= 202002L
#include <span>
#endif

#include "check.h"

using pt2::Tensor;

static void handles() {
  Tensor none;
  CHECK(!none.defined() && !none && none.get() == nullptr);
  CHECK_THROWS(none.numel(), PT2_STATUS_INVALID_ARGUMENT, "undefined");
  Tensor first = pt2::zeros({2, 3});
  Tensor second = first;
  CHECK(second.is_same(first));
  Tensor third = std::move(first);
  CHECK(!first.defined() && third.is_same(second));  // NOLINT: it is told
  const Tensor& itself = second;
  second = itself;
  second.data<float>()[1] = 7;
  CHECK(third.data<float>()[1] == 7);
  third.reset();
  CHECK(!third.defined() && second.numel() == 6);
  pt2_tensor_t* raw = second.release();
  Tensor back = Tensor::adopt(raw);
  CHECK(Tensor::retain(raw).is_same(back));
}

static void properties() {
  Tensor tensor = pt2::empty_strided({2, 3}, {1, 2}, pt2::kLong);
  CHECK(tensor.dim() == 2 && tensor.size(-1) == 3 && tensor.stride(0) == 1);
  CHECK((tensor.sizes() == pt2::IntArrayRef{2, 3}));
  CHECK((tensor.strides() != pt2::IntArrayRef{2, 3}));
  CHECK(!tensor.is_contiguous() && tensor.nbytes() == 48);
  CHECK(tensor.device() == pt2::kCPU && tensor.device().str() == "cpu");
  CHECK(tensor.description() == "i64[2, 3]");
  CHECK_THROWS(tensor.size(2), PT2_STATUS_INVALID_ARGUMENT, "dimension 2");
  CHECK_THROWS(tensor.data<float>(), PT2_STATUS_INVALID_ARGUMENT, "f32");
  CHECK_THROWS(tensor.span<int64_t>(), PT2_STATUS_FAILED_PRECONDITION,
               "contiguous");
  CHECK_THROWS(pt2::empty({-1}), PT2_STATUS_INVALID_ARGUMENT, "-1");
  auto options = pt2::TensorOptions().dtype(pt2::kHalf).device(pt2::kCUDA);
  CHECK(options.dtype() == pt2::kHalf && options.device().str() == "cuda");
  CHECK_THROWS(pt2::zeros({1}, options), PT2_STATUS_INCOMPATIBLE, "cuda");
  CHECK_THROWS(pt2::empty({1}, pt2::kXPU), PT2_STATUS_INCOMPATIBLE, "xpu");
  CHECK_THROWS(pt2::from_blob(&options, {1}, options), PT2_STATUS_UNSUPPORTED,
               "not of cuda");
  CHECK(pt2::empty_like(tensor).sizes() == tensor.sizes());
  CHECK_THROWS(pt2::empty_strided({1}, {1, 2}), PT2_STATUS_INVALID_ARGUMENT,
               "strides");
  static_assert(pt2::ScalarTypeOf<long long>::value == pt2::kLong);
  static_assert(pt2::ScalarTypeOf<unsigned char>::value == pt2::kByte);
  static_assert(sizeof(Tensor) == sizeof(void*));
  static_assert(std::is_nothrow_move_constructible_v<Tensor>);
}

static void values() {
  CHECK(pt2::full({}, 2.5).item<double>() == 2.5);
  CHECK(pt2::ones({1, 1}, pt2::kBFloat16).item<int>() == 1);
  CHECK_THROWS(pt2::ones({2}).item<float>(), PT2_STATUS_INVALID_ARGUMENT,
               "one element");
  Tensor counted = pt2::from_vector<int32_t>({0, 1, 2, 3, 4, 5}, {2, 3});
  CHECK(counted.dtype() == pt2::kInt);
  Tensor floats = counted.to(pt2::kFloat);
  CHECK(floats.span<const float>()[4] == 4 && !floats.is_same(counted));
  CHECK(floats.to(pt2::kFloat).is_same(floats) && floats.cpu().is_same(floats));
  floats.copy_(pt2::full({3}, 9));
  CHECK(floats.span<float>()[5] == 9);
  CHECK_THROWS(floats.copy_(pt2::ones({4})), PT2_STATUS_INVALID_ARGUMENT, "4");
  CHECK_THROWS(pt2::from_vector<float>({1, 2}, {3}),
               PT2_STATUS_INVALID_ARGUMENT, "2 elements");
  std::ostringstream text;
  text << counted << " " << Tensor() << " " << pt2::zeros({0});
  CHECK(text.str() == "i32[2, 3]\n0 1 2\n3 4 5 undefined f32[0]");
#if __cplusplus >= 202002L
  std::span<const int32_t> standard = counted.span<const int32_t>();
  CHECK(standard.size() == 6 && standard[5] == 5);
#endif
}

static void views() {
  Tensor base =
      pt2::from_vector<float>({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, {3, 4});
  Tensor row = base[1];
  CHECK((row.sizes() == pt2::IntArrayRef{4}) && row.data<float>()[0] == 4);
  CHECK(base.select(1, -1).contiguous().span<float>()[2] == 11);
  Tensor middle = base.narrow(1, 1, 2);
  CHECK(middle.data<float>()[0] == 1 && !middle.is_contiguous());
  CHECK(middle.clone().span<float>()[3] == 6);
  CHECK(base.narrow(0, 3, 0).numel() == 0);
  Tensor turned = base.transpose(0, 1);
  CHECK(turned.size(0) == 4 && turned.contiguous().span<float>()[1] == 4);
  // A view splits what lies together and joins nothing else.
  Tensor split = turned.view({2, 2, 3});
  CHECK((split.strides() == pt2::IntArrayRef{2, 1, 4}));
  CHECK(split[1][0][2].item<float>() == 10);
  CHECK_THROWS(turned.view({12}), PT2_STATUS_INVALID_ARGUMENT, "contiguous()");
  CHECK((base.view({2, -1}).sizes() == pt2::IntArrayRef{2, 6}));
  CHECK(base.flatten()[11].item<float>() == 11);
  CHECK((base.view({1, 3, 1, 4, 1}).flatten().size(0) == 12));
  CHECK_THROWS(base.view({5, -1}), PT2_STATUS_INVALID_ARGUMENT, "f32[3, 4]");
  CHECK_THROWS(base.view({-1, -1}), PT2_STATUS_INVALID_ARGUMENT, "view");
  CHECK_THROWS(base.view({13}), PT2_STATUS_INVALID_ARGUMENT, "view");
  CHECK((pt2::zeros({0, 3}).view({3, 0}).size(0) == 3));
  CHECK((base.unsqueeze(-1).sizes() == pt2::IntArrayRef{3, 4, 1}));
  CHECK((base.unsqueeze(0).strides() == pt2::IntArrayRef{12, 4, 1}));
  CHECK((base.as_strided({2}, {4}, 1)[1].item<float>() == 5));
  CHECK((row.as_strided({1}, {1}, -4)[0].item<float>() == 0));
  CHECK_THROWS(row.as_strided({1}, {1}, -5), PT2_STATUS_INVALID_ARGUMENT,
               "before its storage");
  CHECK_THROWS(base.as_strided({4}, {4}), PT2_STATUS_INVALID_ARGUMENT,
               "storage has 48");
  CHECK_THROWS(base.narrow(0, 2, 2), PT2_STATUS_INVALID_ARGUMENT, "narrow");
  CHECK_THROWS(base.narrow(0, INT64_MAX, 2), PT2_STATUS_INVALID_ARGUMENT,
               "narrow");
  CHECK_THROWS(base[3], PT2_STATUS_INVALID_ARGUMENT, "select");
  // A view keeps the memory.
  base.reset(), turned.reset(), split.reset(), row.reset();
  CHECK(middle.data<float>()[5] == 6);
}

static void blobs() {
  std::array<float, 6> data = {0, 1, 2, 3, 4, 5};
  Tensor over = pt2::from_blob(data.data(), {2, 3});
  over.data<float>()[0] = 8;
  CHECK(data[0] == 8 && over.data_ptr() == data.data());
  Tensor columns = pt2::from_blob(data.data(), {3, 2}, {1, 3});
  CHECK((columns[1][1].item<float>() == 4));
  const std::vector<int64_t> fixed = {1, 2, 3};
  Tensor constant = pt2::from_blob(fixed.data(), {3}, pt2::kLong);
  CHECK(constant.is_read_only() && constant.data<const int64_t>()[2] == 3);
  CHECK(constant.const_data_ptr<int64_t>() == fixed.data());
  CHECK_THROWS(constant.data<int64_t>(), PT2_STATUS_FAILED_PRECONDITION,
               "only be read");
  CHECK_THROWS(constant[0].data_ptr(), PT2_STATUS_FAILED_PRECONDITION,
               "only be read");
  CHECK_THROWS(constant.copy_(pt2::zeros({3})), PT2_STATUS_INVALID_ARGUMENT,
               "read");
  int deleted = 0;
  {
    Tensor owner = pt2::from_blob(
        data.data(), {6}, [&](void* blob) { deleted += blob == data.data(); });
    Tensor part = owner.narrow(0, 1, 2);
    owner.reset();
    CHECK(deleted == 0);
  }
  CHECK(deleted == 1);
  void* nothing = nullptr;
  CHECK_THROWS(pt2::from_blob(nothing, {1}, [&](void*) { ++deleted; }),
               PT2_STATUS_INVALID_ARGUMENT, "NULL");
  CHECK(deleted == 1);
}

static void dlpack() {
  Tensor tensor = pt2::from_vector<float>({1, 2, 3, 4}, {2, 2});
  pt2::DLPackPtr lent = tensor.transpose(0, 1).to_dlpack();
  const float* first = tensor.data<float>();
  tensor.reset();
  Tensor back = Tensor::from_dlpack(std::move(lent));
  CHECK(lent == nullptr && back.data<float>() == first);
  CHECK((back.strides() == pt2::IntArrayRef{1, 2}));
  pt2::DLPackPtr unread = back.to_dlpack();  // given back by its deleter
  Tensor older = pt2::fromDLPack(pt2::toDLPack(back));
  Tensor newer = pt2::fromDLPackVersioned(pt2::toDLPackVersioned(older));
  CHECK(newer.data<float>() == first);
  const float one = 1;
  Tensor constant = pt2::from_blob(&one, {});
  CHECK(Tensor::from_dlpack(constant.to_dlpack()).is_read_only());
  CHECK_THROWS(pt2::toDLPack(constant), PT2_STATUS_FAILED_PRECONDITION, "");
  CHECK_THROWS(Tensor::from_dlpack(nullptr), PT2_STATUS_INVALID_ARGUMENT, "");
  CHECK_THROWS(pt2::toDLPack(Tensor()), PT2_STATUS_INVALID_ARGUMENT, "");
}

int main() {
  handles();
  properties();
  values();
  views();
  blobs();
  dlpack();
  std::cout << "tensors: all hold\n";
}
