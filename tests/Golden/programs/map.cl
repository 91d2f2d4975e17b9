// MapKernel<LeakyRelu>, groups of 256
#pragma OPENCL FP_CONTRACT OFF

__kernel __attribute__((reqd_work_group_size(256, 1, 1)))
void MapKernel_LeakyRelu(float f_Slope_, __global float* x_, __global float* y_, ulong y_length_)
{
    const uint i0 = get_group_id(0);
    const uint i1 = i0 * 256u;
    const uint i2 = get_local_id(0);
    const uint i3 = i1 + i2;
    const ulong l4 = (ulong)(long)(int)i3;
    const bool c5 = (long)l4 < (long)y_length_;
    if (!c5) goto b2;
b1:;
    __global float* p6 = y_ + (int)i3;
    __global float* p7 = x_ + (int)i3;
    const float f8 = p7[0];
    const float f9 = f_Slope_ * f8;
    const bool c10 = f8 > 0.0f;
    const float f11 = c10 ? f8 : f9;
    p6[0] = f11;
b2:;
    return;
}
