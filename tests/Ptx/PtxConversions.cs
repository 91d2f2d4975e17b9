namespace GanFromScratch.Tests;

/// <summary>cvt: between whole numbers it cuts off, or extends by the source's sign; from floats to whole numbers it clamps.</summary>
internal static class PtxConversions
{
    private static readonly PtxType[] Whole =
        [PtxType.S8, PtxType.U8, PtxType.S16, PtxType.U16, PtxType.S32, PtxType.U32, PtxType.S64, PtxType.U64];

    public static IEnumerable<PtxOperation> Rows() =>
    [
        .. from to in Whole from @from in Whole select Convert(to, @from),

        .. PtxOperation.Named("cvt.rn.f32.s32", 1, (a, _, _) => PtxFloats.Bits((int)a)),
        .. PtxOperation.Named("cvt.rn.f32.u32", 1, (a, _, _) => PtxFloats.Bits((uint)a)),
        .. PtxOperation.Named("cvt.rn.f32.s64", 1, (a, _, _) => PtxFloats.Bits((long)a)),
        .. PtxOperation.Named("cvt.rn.f32.u64", 1, (a, _, _) => PtxFloats.Bits(a)),

        // What no int is: the nearest one; NaN gives 0.
        .. PtxOperation.Named("cvt.rzi.s32.f32", 1, (a, _, _) => (uint)int.CreateSaturating(PtxFloats.Float(a))),
        .. PtxOperation.Named("cvt.rzi.u32.f32", 1, (a, _, _) => uint.CreateSaturating(PtxFloats.Float(a))),
        .. PtxOperation.Named("cvt.rni.s32.f32", 1, (a, _, _) => (uint)int.CreateSaturating(MathF.Round(PtxFloats.Float(a)))),
        .. PtxOperation.Named("cvt.rmi.s32.f32", 1, (a, _, _) => (uint)int.CreateSaturating(MathF.Floor(PtxFloats.Float(a)))),
    ];

    private static PtxOperation Convert(PtxType to, PtxType from)
    {
        Func<ulong, ulong> read = Extension(from), write = Extension(to);
        PtxFunction run = to.Size == 8 ? (a, _, _) => read(a) : (a, _, _) => (uint)write(read(a));
        return PtxOperation.Named($"cvt.{to.Name}.{from.Name}", 1, run).Single();
    }

    private static Func<ulong, ulong> Extension(PtxType type) => type switch
    {
        PtxType.S8 => a => (ulong)(sbyte)a,
        PtxType.U8 => a => (byte)a,
        PtxType.S16 => a => (ulong)(short)a,
        PtxType.U16 => a => (ushort)a,
        PtxType.S32 => a => (ulong)(int)a,
        PtxType.U32 => a => (uint)a,
        _ => a => a,
    };
}
