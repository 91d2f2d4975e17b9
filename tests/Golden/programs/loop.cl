// Kernel<RegistersInALoop>, groups of 256
#pragma OPENCL FP_CONTRACT OFF

__kernel __attribute__((reqd_work_group_size(256, 1, 1)))
void Kernel_RegistersInALoop(__global ulong* a_, __global ulong* b_, __global ulong* y_, ulong y_length_)
{
    uint i13;
    uint i14;
    uint i15;
    uint i16;
    uint i17;
    const uint i0 = get_group_id(0);
    const uint i1 = i0 * 256u;
    const uint i2 = get_local_id(0);
    const uint i3 = i1 + i2;
    const ulong l4 = (ulong)(long)(int)i3;
    const bool c5 = (long)l4 < (long)y_length_;
    if (!c5) goto b5;
b1:;
    __global ulong* p6 = y_ + (int)i3;
    __global ulong* p7 = a_ + (int)i3;
    const ulong l8 = p7[0];
    __global ulong* p9 = b_ + (int)i3;
    const ulong l10 = p9[0];
    const uint i11 = (uint)l8;
    const uint i12 = i11 & 15u;
    i13 = 0u;
    i14 = 0u;
    i15 = 1u;
    i16 = 2u;
    i17 = 3u;
b2:;
    const bool c18 = (int)i13 < (int)i12;
    if (!c18) goto b4;
b3:;
    const uint i19 = i13 * i15;
    const uint i20 = (uint)l10;
    const uint i21 = i19 + i20;
    const uint i22 = i14 + i21;
    const uint i23 = i13 * i16;
    const uint i24 = i23 + i20;
    const uint i25 = i15 + i24;
    const uint i26 = i13 * i17;
    const uint i27 = i26 + i20;
    const uint i28 = i16 + i27;
    const uint i29 = i13 * i22;
    const uint i30 = i29 + i20;
    const uint i31 = i17 + i30;
    const uint i32 = i13 + 1u;
    i13 = i32;
    i14 = i22;
    i15 = i25;
    i16 = i28;
    i17 = i31;
    goto b2;
b4:;
    const ulong l33 = (ulong)(long)(int)i14;
    const ulong l34 = (ulong)(long)(int)i15;
    const ulong l35 = l33 ^ l34;
    const ulong l36 = l35 * 6364136223846793005UL;
    const ulong l37 = l33 >> 17u;
    const ulong l38 = l36 + l37;
    const ulong l39 = (ulong)(long)(int)i16;
    const ulong l40 = (ulong)(long)(int)i17;
    const ulong l41 = l39 ^ l40;
    const ulong l42 = l41 * 6364136223846793005UL;
    const ulong l43 = l39 >> 17u;
    const ulong l44 = l42 + l43;
    const ulong l45 = l38 ^ l44;
    const ulong l46 = l45 * 6364136223846793005UL;
    const ulong l47 = l38 >> 17u;
    const ulong l48 = l46 + l47;
    p6[0] = l48;
b5:;
    return;
}
