using System.Globalization;

namespace GanFromScratch.Kernels.Compiler;

/// <summary>
/// Writes a function as OpenCL C 1.2. Whole numbers are unsigned there, because signed ones may not overflow in C as they may in C#; what needs the sign
/// says so. Blocks are labels and branches gotos: loops with several ways out need no more than that, and drivers take it as it is.
/// </summary>
internal sealed class OpenClWriter : Writer
{
    private OpenClWriter(Function function)
        : base(function)
    {
    }

    /// <summary>The text of a kernel.</summary>
    /// <exception cref="KernelRefusedException">It uses warps.</exception>
    public static string Write(Function function)
    {
        if (function.UsesWarps is { } place)
            throw new KernelRefusedException($"{place}OpenCL 1.2 has no warps; exchange values through SharedMemory and Group.Barrier()") { HasPlace = true };
        var writer = new OpenClWriter(function);
        writer.Kernel();
        return writer.Text;
    }

    private void Kernel()
    {
        Line($"// {Function.Title}, groups of {Function.GroupSize}");
        Line("#pragma OPENCL FP_CONTRACT OFF");
        Line("");
        Line($"__kernel __attribute__((reqd_work_group_size({Function.GroupSize}, 1, 1)))");
        Line($"void {Function.Name}({string.Join(", ", Function.LiveParameters.Select(p => $"{TypeName(p.Parameter.Type)} {NameOf(p.Parameter)}"))})");
        Line("{");
        for (int i = 0; i < Function.Memory.Count; i++)
        {
            var memory = Function.Memory[i];
            if (Function.UsedMemory.Contains(i))
            {
                string space = memory.Space == Space.Shared ? "__local " : "";
                Line($"    {space}{ElementName(memory.Element)} {MemoryName(memory.Space, i)}[{memory.Length}] __attribute__((aligned(16)));");
            }
        }
        foreach (var phi in Function.Blocks.SelectMany(block => block.Phis))
            Line($"    {TypeName(phi.Type)} {Operand(phi)};");
        Blocks();
        Line("}");
    }

    protected override void Instruction(Value value)
    {
        if (IsOffset(value))
            return;
        string text = Expression(value);
        Line(value.Type.Kind == IrType.None || (value.Uses == 0 && value.HasEffect)
            ? $"    {text};"
            : $"    {Declared(value.Type)} {Operand(value)} = {text};");
    }

    protected override void Copy(string to, string from, ValueType type) => Line($"    {to} = {from};");

    protected override void Label(Block block) => Line($"{block}:;");

    protected override void Jump(Block to) => Line($"    goto {to};");

    protected override void Branch(Value condition, bool negated, Block to) =>
        Line($"    if ({(negated ? "!" : "")}{Operand(condition)}) goto {to};");

    protected override void Return() => Line("    return;");

    private int _temporaries;

    protected override string Keep(string value, ValueType type)
    {
        string name = $"t{_temporaries++}";
        Line($"    {Declared(type)} {name} = {value};");
        return name;
    }

    // What a const pointer points to could not be assigned to another pointer.
    private static string Declared(ValueType type) => type.IsPointer ? TypeName(type) : $"const {TypeName(type)}";

    protected override string Operand(Value value)
    {
        if (IsOffset(value))
            return $"({Operand(value.Operands[0])} + {Whole(value.Operands[1].Bits)})";
        return value.Op switch
        {
            Op.Constant => Constant(value),
            Op.Parameter => NameOf(Function.Parameters[(int)value.Bits]),
            Op.Shared or Op.Local => MemoryName(value.Type.Space, (int)value.Bits),
            _ => value.Type.Kind switch
            {
                IrType.Float => $"f{value.Number}",
                IrType.Long => $"l{value.Number}",
                IrType.Bool => $"c{value.Number}",
                IrType.Pointer => $"p{value.Number}",
                IrType.Vector => $"v{value.Number}",
                _ => $"i{value.Number}",
            },
        };
    }

    private string Expression(Value value)
    {
        var operands = value.Operands;
        string A() => Operand(operands[0]);
        string B() => Operand(operands[1]);
        string C() => Operand(operands[2]);
        bool isFloat = operands.Length > 0 && operands[0].Type.Kind == IrType.Float;
        string Signed(int i) => isFloat ? Operand(operands[i]) : $"({(operands[i].Type.Kind == IrType.Long ? "long" : "int")}){Operand(operands[i])}";
        string Unsign(string text) => isFloat ? text : $"({TypeName(value.Type)})({text})";
        switch (value.Op)
        {
            case Op.Add: return $"{A()} + {B()}";
            case Op.Subtract: return $"{A()} - {B()}";
            case Op.Multiply: return $"{A()} * {B()}";
            case Op.Divide: return Unsign($"{Signed(0)} / {Signed(1)}");
            case Op.DivideU: return $"{A()} / {B()}";
            case Op.Remainder: return Unsign($"{Signed(0)} % {Signed(1)}");
            case Op.RemainderU: return $"{A()} % {B()}";
            case Op.Negate: return $"-{A()}";
            case Op.And: return $"{A()} & {B()}";
            case Op.Or: return $"{A()} | {B()}";
            case Op.Xor: return $"{A()} ^ {B()}";
            case Op.Not: return value.Type.Kind == IrType.Bool ? $"!{A()}" : $"~{A()}";
            case Op.ShiftLeft: return $"{A()} << {B()}";
            case Op.ShiftRight: return Unsign($"{Signed(0)} >> {B()}");
            case Op.ShiftRightU: return $"{A()} >> {B()}";
            case Op.MultiplyAdd: return $"fma({A()}, {B()}, {C()})";
            case Op.Sqrt: return $"sqrt({A()})";
            case Op.Abs: return $"fabs({A()})";
            case Op.Round: return $"rint({A()})";
            case Op.Floor: return $"floor({A()})";
            case Op.Equal: return $"{A()} == {B()}";
            case Op.NotEqual: return $"{A()} != {B()}";
            case Op.Less: return $"{Signed(0)} < {Signed(1)}";
            case Op.LessEqual: return $"{Signed(0)} <= {Signed(1)}";
            case Op.Greater: return $"{Signed(0)} > {Signed(1)}";
            case Op.GreaterEqual: return $"{Signed(0)} >= {Signed(1)}";
            case Op.LessU: return isFloat ? $"!({A()} >= {B()})" : $"{A()} < {B()}";
            case Op.LessEqualU: return isFloat ? $"!({A()} > {B()})" : $"{A()} <= {B()}";
            case Op.GreaterU: return isFloat ? $"!({A()} <= {B()})" : $"{A()} > {B()}";
            case Op.GreaterEqualU: return isFloat ? $"!({A()} < {B()})" : $"{A()} >= {B()}";
            case Op.Select: return $"{A()} ? {B()} : {C()}";
            case Op.IntToLong: return $"(ulong)(long)(int){A()}";
            case Op.UIntToLong: return $"(ulong){A()}";
            case Op.LongToInt: return $"(uint){A()}";
            case Op.IntToFloat: return $"(float)(int){A()}";
            case Op.UIntToFloat: return $"(float){A()}";
            case Op.LongToFloat: return $"(float)(long){A()}";
            case Op.FloatToInt: return $"(uint)convert_int_sat_rtz({A()})";
            case Op.FloatToUInt: return $"convert_uint_sat_rtz({A()})";
            case Op.FloatToBits: return $"as_uint({A()})";
            case Op.BitsToFloat: return $"as_float({A()})";
            case Op.SignExtend8: return $"(uint)(int)(char){A()}";
            case Op.SignExtend16: return $"(uint)(int)(short){A()}";
            case Op.Cast: return $"({TypeName(value.Type)}){A()}";
            case Op.Index: return $"{A()} + {(operands[1].Type.Kind == IrType.Long ? "(long)" : "(int)")}{B()}";
            case Op.Load: return At(operands[0]);
            case Op.Part: return $"{A()}.s{value.Bits}";
            case Op.Store: return $"{At(operands[0])} = {B()}";
            case Op.Store4: return $"{At(operands[0])} = (float4)({string.Join(", ", operands[1..].Select(Operand))})";
            case Op.Atomic: return Atomic(value);
            case Op.GroupIndex: return "get_local_id(0)";
            case Op.GridIndexX: return "get_group_id(0)";
            case Op.GridIndexY: return "get_group_id(1)";
            case Op.GridIndexZ: return "get_group_id(2)";
            case Op.GridSizeX: return "get_num_groups(0)";
            case Op.GridSizeY: return "get_num_groups(1)";
            case Op.GridSizeZ: return "get_num_groups(2)";
            case Op.Barrier: return "barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)";
            default:
                throw new InvalidOperationException($"OpenClWriter: {value.Op} has no OpenCL C");
        }
    }

    private string At(Value pointer)
    {
        var (from, offset) = Split(pointer);
        return $"{Operand(from)}[{Whole(offset)}]";
    }

    private string Atomic(Value value)
    {
        string space = SpaceName(value.Operands[0].Type.Space);
        string name = (AtomicKind)value.Bits switch
        {
            AtomicKind.Add => "atomic_add",
            AtomicKind.MinS => "atomic_min",
            AtomicKind.MaxS => "atomic_max",
            AtomicKind.And => "atomic_and",
            AtomicKind.Or => "atomic_or",
            AtomicKind.Xor => "atomic_xor",
            AtomicKind.Exchange => "atomic_xchg",
            _ => "atomic_cmpxchg",
        };
        string values = string.Join(", ", value.Operands[1..].Select(v => $"(int){Operand(v)}"));
        return $"(uint){name}((volatile {space} int*){Operand(value.Operands[0])}, {values})";
    }

    private static string Constant(Value value) => value.Type.Kind switch
    {
        IrType.Float => Float(value.AsFloat),
        IrType.Long => $"{(ulong)value.Bits}UL",
        IrType.Bool => value.Bits == 0 ? "false" : "true",
        _ => $"{(uint)value.AsInt}u",
    };

    private static string Float(float value)
    {
        if (float.IsNaN(value))
            return "NAN";
        if (float.IsInfinity(value))
            return value > 0 ? "INFINITY" : "(-INFINITY)";
        string digits = value.ToString("R", CultureInfo.InvariantCulture);
        if (!digits.AsSpan().ContainsAny('.', 'E'))
            digits += ".0";
        return digits[0] == '-' ? $"({digits}f)" : $"{digits}f";
    }

    private static string MemoryName(Space space, int number) => $"{(space == Space.Shared ? "shared" : "local")}{number}";

    // A parameter may be called like one of OpenCL C's words, or like a register.
    private static string NameOf(Parameter parameter) => $"{parameter.Name}_";

    private static string SpaceName(Space space) => space switch
    {
        Space.Global => "__global",
        Space.Shared => "__local",
        _ => "__private",
    };

    private static string ElementName(Element element) => element switch
    {
        Element.Float => "float",
        Element.Float4 => "float4",
        Element.Long => "ulong",
        _ => "uint",
    };

    private static string TypeName(ValueType type) => type.Kind switch
    {
        IrType.Float => "float",
        IrType.Long => "ulong",
        IrType.Bool => "bool",
        IrType.Vector => "float4",
        IrType.Pointer => $"{SpaceName(type.Space)} {ElementName(type.Element)}*",
        _ => "uint",
    };
}
