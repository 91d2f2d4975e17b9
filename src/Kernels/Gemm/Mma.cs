using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace GanFromScratch.Kernels;

/// <summary>
/// A warp's product of 16 by 8 and 8 by 8 numbers that were rounded to TF32, added to sums in float32. Each of 32 lanes holds a fragment
/// of every matrix, and all of a group's threads call it together.
/// </summary>
/// <remarks>
/// Lane L is at g = L / 4, t = L mod 4. Its fragments, in the order of fields:
/// <code>
/// a[16,8]    (g, t)  (g + 8, t)  (g, t + 4)  (g + 8, t + 4)      rounded, row and step of k
/// b[8,8]     (t, g)  (t + 4, g)                                  rounded, step of k and column
/// c[16,8]    (g, 2t)  (g, 2t + 1)  (g + 8, 2t)  (g + 8, 2t + 1)  the sums
/// </code>
/// PTX ISA, "Matrix fragments for mma.m16n8k8", .tf32.
/// </remarks>
/// <typeparam name="M">The type itself.</typeparam>
internal interface IMma<M>
    where M : struct, IMma<M>
{
    /// <summary>Creates what the group's products need. Every thread of the group must call it, once.</summary>
    static abstract M Create();

    /// <summary>Rounds a number to TF32, ten bits after the point, to nearest with ties away from zero.</summary>
    static abstract float Round(float x);

    /// <summary>Returns a lane's sums with the product added.</summary>
    static abstract F4 MultiplyAdd(M mma, F4 sums, F4 a, F2 b);
}

/// <summary>
/// The tensor cores of compute capability 8.0 and newer, by inline PTX. The order in which a product's eight steps are added, and how sums
/// are rounded, is the hardware's own.
/// </summary>
internal readonly struct TensorCores : IMma<TensorCores>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TensorCores Create() => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Round(float x)
    {
        CudaAsm.Emit("cvt.rna.tf32.f32 %0, %1;", out uint bits, x);
        return Interop.IntAsFloat(bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F4 MultiplyAdd(TensorCores mma, F4 sums, F4 a, F2 b)
    {
        Output<float> d0 = default, d1 = default, d2 = default, d3 = default;
        Input<uint> a0 = Interop.FloatAsInt(a.X), a1 = Interop.FloatAsInt(a.Y), a2 = Interop.FloatAsInt(a.Z), a3 = Interop.FloatAsInt(a.W);
        Input<uint> b0 = Interop.FloatAsInt(b.X), b1 = Interop.FloatAsInt(b.Y);
        Input<float> c0 = sums.X, c1 = sums.Y, c2 = sums.Z, c3 = sums.W;
        CudaAsm.EmitRef(
            "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
            + "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};",
            ref d0, ref d1, ref d2, ref d3, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref c0, ref c1, ref c2, ref c3);
        return new F4 { X = d0.Value, Y = d1.Value, Z = d2.Value, W = d3.Value };
    }
}
