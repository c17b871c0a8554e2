// SPDX-License-Identifier: Apache-2.0
//
// What metal_apple.c sends, against Apple's own declarations (metal-cpp):
// compiled by check_apple.py, which puts the numbers of metal_apple.c in front.
#include <Metal/Metal.hpp>
#include <type_traits>

typedef NS::UInteger U;
typedef NS::Integer I;

// The method's type is exactly this; one that does not exist does not compile.
#define METHOD(type, method) \
  static_assert(static_cast<type>(method) != nullptr, #method)

// typedef unsigned long NSUInteger; typedef long NSInteger;
static_assert(std::is_same_v<U, unsigned long> && std::is_same_v<I, long>);
// size_3d_t
static_assert(sizeof(MTL::Size) == 3 * sizeof(U));
static_assert(offsetof(MTL::Size, width) == 0 &&
              offsetof(MTL::Size, height) == sizeof(U) &&
              offsetof(MTL::Size, depth) == 2 * sizeof(U));
static_assert(sizeof(MTL::ResourceOptions) == sizeof(U) &&
              sizeof(MTL::LanguageVersion) == sizeof(U) &&
              sizeof(MTL::MathMode) == sizeof(I) &&
              sizeof(MTL::MathFloatingPointFunctions) == sizeof(I) &&
              sizeof(MTL::CommandBufferStatus) == sizeof(U) &&
              sizeof(MTL::GPUFamily) == sizeof(I));

METHOD(bool (MTL::Device::*)(MTL::GPUFamily), &MTL::Device::supportsFamily);
METHOD(MTL::Buffer* (MTL::Device::*)(U, MTL::ResourceOptions),
       &MTL::Device::newBuffer);
METHOD(MTL::Library* (MTL::Device::*)(const NS::String*,
                                      const MTL::CompileOptions*, NS::Error**),
       &MTL::Device::newLibrary);
METHOD(MTL::ComputePipelineState* (MTL::Device::*)(const MTL::Function*,
                                                   NS::Error**),
       &MTL::Device::newComputePipelineState);
METHOD(MTL::CommandQueue* (MTL::Device::*)(), &MTL::Device::newCommandQueue);
METHOD(MTL::Function* (MTL::Library::*)(const NS::String*),
       &MTL::Library::newFunction);
METHOD(void* (MTL::Buffer::*)(), &MTL::Buffer::contents);
METHOD(U (MTL::ComputePipelineState::*)() const,
       &MTL::ComputePipelineState::maxTotalThreadsPerThreadgroup);
METHOD(MTL::CommandBuffer* (MTL::CommandQueue::*)(),
       &MTL::CommandQueue::commandBuffer);
METHOD(MTL::ComputeCommandEncoder* (MTL::CommandBuffer::*)(),
       &MTL::CommandBuffer::computeCommandEncoder);
METHOD(void (MTL::CommandBuffer::*)(), &MTL::CommandBuffer::commit);
METHOD(void (MTL::CommandBuffer::*)(), &MTL::CommandBuffer::waitUntilCompleted);
METHOD(MTL::CommandBufferStatus (MTL::CommandBuffer::*)() const,
       &MTL::CommandBuffer::status);
METHOD(NS::Error* (MTL::CommandBuffer::*)() const, &MTL::CommandBuffer::error);
METHOD(NS::String* (NS::Error::*)() const, &NS::Error::localizedDescription);
METHOD(const char* (NS::String::*)() const, &NS::String::utf8String);
METHOD(void (MTL::ComputeCommandEncoder::*)(),
       &MTL::ComputeCommandEncoder::endEncoding);
METHOD(void (MTL::ComputeCommandEncoder::*)(const MTL::ComputePipelineState*),
       &MTL::ComputeCommandEncoder::setComputePipelineState);
METHOD(void (MTL::ComputeCommandEncoder::*)(const MTL::Buffer*, U, U),
       &MTL::ComputeCommandEncoder::setBuffer);
METHOD(void (MTL::ComputeCommandEncoder::*)(const void*, U, U),
       &MTL::ComputeCommandEncoder::setBytes);
METHOD(void (MTL::ComputeCommandEncoder::*)(MTL::Size, MTL::Size),
       &MTL::ComputeCommandEncoder::dispatchThreads);
METHOD(void (MTL::CompileOptions::*)(MTL::LanguageVersion),
       &MTL::CompileOptions::setLanguageVersion);
METHOD(void (MTL::CompileOptions::*)(MTL::MathMode),
       &MTL::CompileOptions::setMathMode);
METHOD(void (MTL::CompileOptions::*)(MTL::MathFloatingPointFunctions),
       &MTL::CompileOptions::setMathFloatingPointFunctions);
METHOD(void (MTL::CompileOptions::*)(bool),
       &MTL::CompileOptions::setFastMathEnabled);
NUMBERS
