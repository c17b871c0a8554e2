// SPDX-License-Identifier: Apache-2.0
//
// The part of libpt2's C interface that the example uses, and safe types over
// it. A crate of its own would be made the same way, with the rest.
use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_void};
use std::ptr;

#[repr(C)]
struct RawPackage([u8; 0]);
#[repr(C)]
struct RawRunner([u8; 0]);
#[repr(C)]
struct RawTensor([u8; 0]);

const DTYPE_F32: i32 = 6;

#[link(name = "pt2")]
extern "C" {
    fn pt2_error_message() -> *const c_char;
    fn pt2_package_open(path: *const c_char, options: *const c_void, out: *mut *mut RawPackage) -> i32;
    fn pt2_package_release(package: *mut RawPackage);
    fn pt2_runner_create(package: *mut RawPackage, options: *const c_void, out: *mut *mut RawRunner) -> i32;
    fn pt2_runner_release(runner: *mut RawRunner);
    fn pt2_runner_output_count(runner: *const RawRunner) -> usize;
    fn pt2_runner_run(runner: *mut RawRunner, inputs: *const *mut RawTensor, input_count: usize,
                      outputs: *mut *mut RawTensor, output_count: usize) -> i32;
    fn pt2_tensor_from_const_blob(data: *const c_void, dtype: i32, rank: usize, sizes: *const i64,
                                  strides: *const i64, deleter: *const c_void, user: *mut c_void,
                                  out: *mut *mut RawTensor) -> i32;
    fn pt2_tensor_release(tensor: *mut RawTensor);
    fn pt2_tensor_dtype(tensor: *const RawTensor) -> i32;
    fn pt2_tensor_rank(tensor: *const RawTensor) -> usize;
    fn pt2_tensor_peek_sizes(tensor: *const RawTensor) -> *const i64;
    fn pt2_tensor_numel(tensor: *const RawTensor) -> i64;
    fn pt2_tensor_is_contiguous(tensor: *const RawTensor) -> bool;
    fn pt2_tensor_peek_data(tensor: *const RawTensor) -> *const c_void;
}

/// What the library said of a call that failed.
#[derive(Debug)]
pub struct Error(pub String);

fn check(status: i32) -> Result<(), Error> {
    if status == 0 {
        return Ok(());
    }
    // The text is this thread's and stays until its next call.
    let text = unsafe { CStr::from_ptr(pt2_error_message()) };
    Err(Error(text.to_string_lossy().into_owned()))
}

/// A tensor of f32 over memory that lives as long as 'a, for models that do not
/// change their inputs in place: those would need a mutable slice.
pub struct Input<'a> {
    raw: *mut RawTensor,
    _data: std::marker::PhantomData<&'a [f32]>,
}

impl<'a> Input<'a> {
    pub fn new(data: &'a [f32], sizes: &[i64]) -> Result<Input<'a>, Error> {
        assert_eq!(sizes.iter().product::<i64>(), data.len() as i64, "sizes do not fit the data");
        let mut raw = ptr::null_mut();
        check(unsafe {
            pt2_tensor_from_const_blob(data.as_ptr() as *const c_void, DTYPE_F32, sizes.len(), sizes.as_ptr(),
                                       ptr::null(), ptr::null(), ptr::null_mut(), &mut raw)
        })?;
        Ok(Input { raw, _data: std::marker::PhantomData })
    }
}

impl Drop for Input<'_> {
    fn drop(&mut self) {
        unsafe { pt2_tensor_release(self.raw) }
    }
}

/// A tensor that a model returned.
pub struct Output(*mut RawTensor);

impl Output {
    pub fn sizes(&self) -> &[i64] {
        unsafe { std::slice::from_raw_parts(pt2_tensor_peek_sizes(self.0), pt2_tensor_rank(self.0)) }
    }
    /// The elements in order; None unless they are f32 that lie so.
    pub fn values(&self) -> Option<&[f32]> {
        unsafe {
            let count = pt2_tensor_numel(self.0) as usize;
            let data = pt2_tensor_peek_data(self.0) as *const f32;
            let fits = pt2_tensor_dtype(self.0) == DTYPE_F32 && pt2_tensor_is_contiguous(self.0);
            match (fits, data.is_null()) {
                (true, false) => Some(std::slice::from_raw_parts(data, count)),
                (true, true) if count == 0 => Some(&[]),
                _ => None,
            }
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        unsafe { pt2_tensor_release(self.0) }
    }
}

/// A loaded model. Many threads may run it at once.
pub struct Runner(*mut RawRunner);

unsafe impl Send for Runner {}
unsafe impl Sync for Runner {}

impl Runner {
    pub fn load(path: &str) -> Result<Runner, Error> {
        let path = CString::new(path).map_err(|_| Error("the path has a NUL".into()))?;
        let (mut package, mut runner) = (ptr::null_mut(), ptr::null_mut());
        unsafe {
            check(pt2_package_open(path.as_ptr(), ptr::null(), &mut package))?;
            let made = check(pt2_runner_create(package, ptr::null(), &mut runner));
            pt2_package_release(package); // the runner keeps it
            made.map(|()| Runner(runner))
        }
    }
    /// Runs the model once; an output that is None is left out as None.
    pub fn run(&self, inputs: &[Input]) -> Result<Vec<Option<Output>>, Error> {
        let from: Vec<*mut RawTensor> = inputs.iter().map(|input| input.raw).collect();
        let mut to = vec![ptr::null_mut(); unsafe { pt2_runner_output_count(self.0) }];
        check(unsafe { pt2_runner_run(self.0, from.as_ptr(), from.len(), to.as_mut_ptr(), to.len()) })?;
        Ok(to.into_iter().map(|raw| if raw.is_null() { None } else { Some(Output(raw)) }).collect())
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        unsafe { pt2_runner_release(self.0) }
    }
}
