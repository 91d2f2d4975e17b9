namespace GanFromScratch.Tests;

/// <summary>PTX's types, as far as they are interpreted.</summary>
internal enum PtxType
{
    Pred,
    B8, S8, U8,
    B16, S16, U16,
    B32, S32, U32, F32,
    B64, S64, U64,
}

internal static class PtxTypes
{
    private static readonly Dictionary<string, PtxType> ByName =
        Enum.GetValues<PtxType>().ToDictionary(type => type.ToString().ToLowerInvariant());

    /// <summary>A type by its name, "u32"; null where there is no such.</summary>
    public static PtxType? Named(string name) => ByName.TryGetValue(name, out var type) ? type : null;

    extension(PtxType type)
    {
        /// <summary>Bytes in memory.</summary>
        public int Size => type switch
        {
            PtxType.Pred or PtxType.B8 or PtxType.S8 or PtxType.U8 => 1,
            PtxType.B16 or PtxType.S16 or PtxType.U16 => 2,
            PtxType.B32 or PtxType.S32 or PtxType.U32 or PtxType.F32 => 4,
            _ => 8,
        };

        public string Name => type.ToString().ToLowerInvariant();

        /// <summary>Whether registers are declared of it. Bytes and half words are kept in registers of 32 bits.</summary>
        public bool IsRegister => type == PtxType.Pred || type.Size >= 4;

        /// <summary>The type of twice the width, which mul.wide gives.</summary>
        public PtxType Wide => type == PtxType.S32 ? PtxType.S64 : PtxType.U64;

        /// <summary>Whether an instruction of this type works on such a register: sizes agree, and floats are no whole numbers.</summary>
        public bool Takes(PtxType register)
        {
            if (type == register || type == PtxType.Pred || register == PtxType.Pred)
                return type == register;
            bool untyped = type is PtxType.B32 or PtxType.B64 || register is PtxType.B32 or PtxType.B64;
            bool whole = type != PtxType.F32 && register != PtxType.F32;
            return int.Max(4, type.Size) == register.Size && (untyped || whole);
        }
    }
}
