using System.Globalization;
using System.Text;

namespace GanFromScratch.Kernels.Compiler;

/// <summary>What a register holds. Whether a whole number has a sign is the instruction's matter, as in IL and PTX.</summary>
internal enum IrType
{
    None,
    Bool,
    Int,
    Long,
    Float,
    Pointer,
    Vector, // four floats, of a Float4 that was read
}

/// <summary>Where a pointer points: memory of the device, of the group, or of the thread.</summary>
internal enum Space
{
    Global,
    Shared,
    Local,
}

/// <summary>What lies at a pointer.</summary>
internal enum Element
{
    Int,
    Long,
    Float,
    Float4,
}

/// <summary>A value's type; the last two only matter for pointers.</summary>
internal readonly record struct ValueType(IrType Kind, Space Space = Space.Global, Element Element = Element.Float)
{
    public static implicit operator ValueType(IrType kind) => new(kind);

    public bool IsPointer => Kind == IrType.Pointer;

    public override string ToString() => Kind switch
    {
        IrType.Pointer => $"{Space}.{Element}*".ToLowerInvariant(),
        _ => Kind.ToString().ToLowerInvariant(),
    };
}

/// <summary>What an instruction does with its operands.</summary>
internal enum Op
{
    // Values that are there from the start.
    Constant, Parameter, Shared, Local,

    // A value that depends on the way that led to its block: one operand for each predecessor.
    Phi,

    // Arithmetic; the type is the result's. Unsigned forms end in U.
    Add, Subtract, Multiply, Divide, DivideU, Remainder, RemainderU, Negate,
    And, Or, Xor, Not, ShiftLeft, ShiftRight, ShiftRightU,
    MultiplyAdd, Sqrt, Abs, Round, Floor,

    // Comparisons, to Bool. Unordered ones are true where an operand is NaN.
    Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual,
    LessU, LessEqualU, GreaterU, GreaterEqualU,
    Select,

    // Conversions; the types say from what to what.
    IntToLong, UIntToLong, LongToInt, IntToFloat, UIntToFloat, LongToFloat, FloatToInt, FloatToUInt, FloatToBits, BitsToFloat,
    SignExtend8, SignExtend16,

    // Memory.
    Index, Cast, Load, Store, Part, Store4, Atomic,

    // The launch, and the other threads.
    GroupIndex, GridIndexX, GridIndexY, GridIndexZ, GridSizeX, GridSizeY, GridSizeZ, LaneIndex,
    Barrier, ShuffleXor, ShuffleDown, Shuffle,
}

/// <summary>Which change an <see cref="Op.Atomic"/> makes.</summary>
internal enum AtomicKind
{
    Add, MinS, MaxS, And, Or, Xor, Exchange, CompareExchange,
}

/// <summary>
/// An instruction, and the value that it gives: each is assigned once. <see cref="Bits"/> is a constant's bits, a parameter's, shared or local block's
/// number, the part of a vector, or the kind of an atomic.
/// </summary>
internal sealed class Value(Op op, ValueType type, long bits, params Value[] operands)
{
    public Op Op { get; } = op;

    public ValueType Type { get; } = type;

    public long Bits { get; } = bits;

    public Value[] Operands { get; set; } = operands;

    public int Number { get; set; }

    /// <summary>How many instructions use it, once the function is finished.</summary>
    public int Uses { get; set; }

    /// <summary>What a phi that turned out to be one value all along stands for.</summary>
    public Value? Same { get; set; }

    public bool IsConstant => Op == Op.Constant;

    public int AsInt => (int)Bits;

    public float AsFloat => BitConverter.Int32BitsToSingle((int)Bits);

    /// <summary>Whether it does something beside giving a value.</summary>
    public bool HasEffect => Op is Op.Store or Op.Store4 or Op.Atomic or Op.Barrier or Op.ShuffleXor or Op.ShuffleDown or Op.Shuffle;

    /// <summary>Whether the same operands give the same value whenever it runs.</summary>
    public bool IsPure => !HasEffect && Op is not (Op.Load or Op.Phi);

    public Value Resolved()
    {
        var value = this;
        while (value.Same is { } same)
            value = same;
        return value;
    }

    public override string ToString() => Op switch
    {
        Op.Constant when Type.Kind == IrType.Float => AsFloat.ToString("R", CultureInfo.InvariantCulture) + "f",
        Op.Constant when Type.Kind == IrType.Bool => Bits == 0 ? "false" : "true",
        Op.Constant => Bits.ToString(CultureInfo.InvariantCulture) + (Type.Kind == IrType.Long ? "L" : ""),
        _ => $"%{Number}",
    };
}

/// <summary>Instructions that run one after another, and where they lead: nowhere, to one block, or to one of two.</summary>
internal sealed class Block(int number)
{
    public int Number { get; set; } = number;

    public List<Value> Phis { get; } = [];

    public List<Value> Body { get; } = [];

    public List<Block> From { get; } = [];

    /// <summary>The condition under which the first of two ways is taken.</summary>
    public Value? Condition { get; set; }

    public List<Block> To { get; } = [];

    public override string ToString() => $"b{Number}";
}

/// <summary>A scalar that the kernel is given: a field of a parameter, or a parameter itself.</summary>
/// <param name="Name">Its name in the text.</param>
/// <param name="Type">Its type.</param>
/// <param name="Offset">Where it lies within all arguments.</param>
/// <param name="Size">Its bytes there.</param>
internal sealed record Parameter(string Name, ValueType Type, int Offset, int Size);

/// <summary>A block of shared or local memory, and the place in the source that asks for it.</summary>
internal sealed record MemoryBlock(Space Space, Element Element, int Length, string Site)
{
    public int Bytes => Length * Elements.Size(Element);
}

/// <summary>A kernel: typed instructions in basic blocks, the first one its entry, in an order in which a block comes after what leads to it.</summary>
internal sealed record Function(string Name, string Title, int GroupSize)
{
    public List<Parameter> Parameters { get; } = [];

    public List<MemoryBlock> Memory { get; } = [];

    public List<Block> Blocks { get; } = [];

    /// <summary>Where the kernel first asks for its warp, as a refusal begins; null where it doesn't.</summary>
    public string? UsesWarps { get; set; }

    /// <summary>The parameters that are used, with their numbers: the ones that the text has.</summary>
    public IEnumerable<(Parameter Parameter, int Number)> LiveParameters =>
        Parameters.Select((parameter, number) => (parameter, number)).Where(p => UsedParameters.Contains(p.number));

    /// <summary>The numbers of parameters that an instruction uses.</summary>
    public HashSet<int> UsedParameters { get; } = [];

    /// <summary>The numbers of blocks of memory that are more than registers.</summary>
    public HashSet<int> UsedMemory { get; } = [];

    /// <summary>The instructions as `GAN_DEBUG=3` prints them.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"kernel {Title}, groups of {GroupSize}\n");
        for (int i = 0; i < Parameters.Count; i++)
            text.Append($"  parameter {i}: {Parameters[i].Type} {Parameters[i].Name}\n");
        for (int i = 0; i < Memory.Count; i++)
            text.Append($"  {Memory[i].Space} {i}: {Memory[i].Length} x {Memory[i].Element}\n".ToLowerInvariant());
        foreach (var block in Blocks)
        {
            text.Append($"{block}:{(block.From.Count > 0 ? "  from " + string.Join(", ", block.From) : "")}\n");
            foreach (var value in block.Phis.Concat(block.Body))
            {
                string result = value.Type.Kind == IrType.None ? "" : $"{value.Type} %{value.Number} = ";
                string bits = value.Op is Op.Part or Op.Atomic ? $" {value.Bits}" : "";
                text.Append($"  {result}{value.Op}{bits} {string.Join(", ", value.Operands.Select(Operand))}".TrimEnd()).Append('\n');
            }
            text.Append(block.To.Count switch
            {
                0 => "  return\n",
                1 => $"  to {block.To[0]}\n",
                _ => $"  if {Operand(block.Condition!)} to {block.To[0]} else {block.To[1]}\n",
            });
        }
        return text.ToString();

        string Operand(Value v) => v.Op switch
        {
            Op.Parameter => Parameters[(int)v.Bits].Name,
            Op.Shared or Op.Local => $"{v.Op.ToString().ToLowerInvariant()} {v.Bits}",
            _ => v.ToString(),
        };
    }
}

/// <summary>The sizes of elements.</summary>
internal static class Elements
{
    public static int Size(Element element) => element switch
    {
        Element.Long => 8,
        Element.Float4 => 16,
        _ => 4,
    };

    public static IrType TypeOf(Element element) => element switch
    {
        Element.Int => IrType.Int,
        Element.Long => IrType.Long,
        Element.Float => IrType.Float,
        _ => IrType.Vector,
    };
}
