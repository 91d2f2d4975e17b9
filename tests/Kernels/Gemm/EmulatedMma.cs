using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;
using ILGPU;

namespace GanFromScratch.Tests;

/// <summary>
/// Tensor cores as C#: lanes exchange their fragments through shared memory. The eight steps are added as a chain of multiply-adds, a
/// lane's two steps one after the other, which is the order of k for the tiles.
/// </summary>
internal struct EmulatedMma : IMma<EmulatedMma>
{
    private ArrayView<F4> _a;
    private ArrayView<F2> _b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EmulatedMma Create() => new() { _a = SharedMemory.Allocate<F4>(256), _b = SharedMemory.Allocate<F2>(256) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Round(float x) => Tf32.Round(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F4 MultiplyAdd(EmulatedMma mma, F4 sums, F4 a, F2 b)
    {
        int lane = Group.IdxX & 31, warp = Group.IdxX - lane, group = lane >> 2, inGroup = lane & 3;
        mma._a[Group.IdxX] = a;
        mma._b[Group.IdxX] = b;
        Group.Barrier();
        for (int t = 0; t < 4; t++)
        {
            var rows = mma._a[warp + (4 * group) + t];
            F2 first = mma._b[warp + (8 * inGroup) + t], second = mma._b[warp + (8 * inGroup) + 4 + t];
            sums.X = MathF.FusedMultiplyAdd(rows.Z, first.Y, MathF.FusedMultiplyAdd(rows.X, first.X, sums.X));
            sums.Y = MathF.FusedMultiplyAdd(rows.Z, second.Y, MathF.FusedMultiplyAdd(rows.X, second.X, sums.Y));
            sums.Z = MathF.FusedMultiplyAdd(rows.W, first.Y, MathF.FusedMultiplyAdd(rows.Y, first.X, sums.Z));
            sums.W = MathF.FusedMultiplyAdd(rows.W, second.Y, MathF.FusedMultiplyAdd(rows.Y, second.X, sums.W));
        }
        Group.Barrier(); // before the next product's fragments
        return sums;
    }
}
