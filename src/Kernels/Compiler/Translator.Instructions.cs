using System.Reflection;

namespace GanFromScratch.Kernels.Compiler;

/// <summary>The second part: what each IL instruction does.</summary>
internal sealed partial class Translator
{
    private void WalkBlock(WalkState walk, Arrival at)
    {
        try
        {
            WalkInstructions(walk, at);
        }
        catch (KernelRefusedException fault) when (!fault.HasPlace)
        {
            throw Refused(fault.Message);
        }
    }

    private void WalkInstructions(WalkState walk, Arrival at)
    {
        var frame = walk.Frame;
        var stack = new Stack(at.Stack);
        Type? constrained = null;
        foreach (var il in at.Block.Instructions)
        {
            int offset = il.Offset;
            string name = il.Name;
            _at = (frame, offset);
            string family = il.Family;
            switch (family)
            {
                case "nop" or "readonly" or "volatile" or "unaligned" or "tail":
                    break;
                case "constrained":
                    constrained = (Type)il.Operand!;
                    break;
                case "dup":
                    stack.Push(stack.Peek());
                    break;
                case "pop":
                    stack.Pop();
                    break;
                case "ldc":
                    stack.Push(Constant(il, frame));
                    break;
                case "ldarg":
                    stack.Push(Read(frame.Arguments[(int)il.Operand!]));
                    break;
                case "ldloc":
                    stack.Push(Read(Local(frame, il)));
                    break;
                case "ldarga":
                    stack.Push(new VariableAddress(frame.Arguments[(int)il.Operand!]));
                    break;
                case "ldloca":
                    stack.Push(new VariableAddress(Local(frame, il)));
                    break;
                case "starg":
                    Assign(frame.Arguments[(int)il.Operand!], stack.Pop(), frame, offset);
                    break;
                case "stloc":
                    Assign(Local(frame, il), stack.Pop(), frame, offset);
                    break;
                case "ldfld":
                    stack.Push(Field(stack.Pop(), (FieldInfo)il.Operand!, frame, offset));
                    break;
                case "ldflda":
                    stack.Push(stack.Pop() is VariableAddress of
                        ? new VariableAddress(of.Variable.Field((FieldInfo)il.Operand!))
                        : throw Refused(frame, offset, "a field of an element of a view is referred to; copy the element into a local first"));
                    break;
                case "stfld":
                    var stored = stack.Pop();
                    if (stack.Pop() is not VariableAddress target)
                        throw Refused(frame, offset, "a field of an element of a view is assigned; assign the whole element");
                    Assign(target.Variable.Field((FieldInfo)il.Operand!), stored, frame, offset);
                    break;
                case "ldsfld":
                    stack.Push(StaticField((FieldInfo)il.Operand!, frame, offset));
                    break;
                case "ldind" or "ldobj":
                    stack.Push(Load(stack.Pop(), name, frame, offset));
                    break;
                case "stind" or "stobj":
                    var value = stack.Pop();
                    Store(stack.Pop(), value, frame, offset);
                    break;
                case "initobj":
                    var cleared = stack.Pop();
                    Store(cleared, Zero((Type)il.Operand!), frame, offset);
                    break;
                case "ldtoken" when il.Operand is Type type:
                    stack.Push(new TypeOperand(type));
                    break;
                case "sizeof":
                    stack.Push(new ScalarOperand(Int(ArgumentLayout.SizeOf((Type)il.Operand!))));
                    break;
                case "call" or "callvirt":
                    Call(frame, offset, (MethodBase)il.Operand!, constrained, stack);
                    constrained = null;
                    break;
                case "newobj":
                    Construct(frame, offset, (MethodBase)il.Operand!, stack);
                    break;
                case "ret":
                    bool hasResult = frame.Method is MethodInfo { ReturnType: var returned } && returned != typeof(void);
                    frame.Returns.Add((_ssa.Current, hasResult ? stack.Pop() : null));
                    return;
                case "br":
                    Arrive(walk, at.Place, at.Block.To[0], new Way(_ssa.Current, 0, stack.ToArray()));
                    return;
                case "brtrue" or "brfalse":
                    var condition = Truth(stack.PopScalar());
                    Branch(walk, at, family == "brtrue" ? condition : Not(condition), at.Block.To[0], at.Block.To[1], stack.ToArray());
                    return;
                case "beq" or "bne" or "blt" or "ble" or "bgt" or "bge":
                    var comparison = Compared(family[1..], name.Contains(".un", StringComparison.Ordinal), stack);
                    Branch(walk, at, comparison, at.Block.To[0], at.Block.To[1], stack.ToArray());
                    return;
                case "switch":
                    Switch(walk, at, stack.PopScalar(), stack.ToArray());
                    return;
                case "ceq" or "cgt" or "clt":
                    stack.Push(Whole(Compared(family[1..], name.EndsWith(".un", StringComparison.Ordinal), stack)));
                    break;
                case "neg" or "not":
                    var only = stack.PopScalar();
                    stack.Push(new ScalarOperand(Emit(family == "neg" ? Op.Negate : Op.Not, only.Type, only)));
                    break;
                case "conv":
                    stack.Push(new ScalarOperand(Converted(stack.PopScalar(), name, frame, offset)));
                    break;
                default:
                    if (Binary(name) is { } op)
                    {
                        var (b, a) = (stack.PopScalar(), stack.PopScalar());
                        stack.Push(new ScalarOperand(Arithmetic(op, a, b)));
                        break;
                    }
                    throw Refused(frame, offset, Unsupported(il));
            }
        }
        Arrive(walk, at.Place, at.Block.To[0], new Way(_ssa.Current, 0, stack.ToArray())); // falls through
    }

    private Value Emit(Op op, ValueType type, params Value[] operands) => _ssa.Emit(op, type, operands);

    private Value Int(int value) => _ssa.Constant(IrType.Int, value);

    private ScalarOperand Constant(IlInstruction il, Frame frame) => new(il.Operand switch
    {
        int value => Int(value),
        long value => _ssa.Constant(IrType.Long, value),
        float value => _ssa.Constant(IrType.Float, BitConverter.SingleToInt32Bits(value)),
        _ => throw Refused(frame, il.Offset, "a double constant; write it as a float: 0.5f"),
    });

    private static Op? Binary(string name) => name switch
    {
        "add" => Op.Add,
        "sub" => Op.Subtract,
        "mul" => Op.Multiply,
        "div" => Op.Divide,
        "div.un" => Op.DivideU,
        "rem" => Op.Remainder,
        "rem.un" => Op.RemainderU,
        "and" => Op.And,
        "or" => Op.Or,
        "xor" => Op.Xor,
        "shl" => Op.ShiftLeft,
        "shr" => Op.ShiftRight,
        "shr.un" => Op.ShiftRightU,
        _ => null,
    };

    private Value Arithmetic(Op op, Value a, Value b)
    {
        if (op == Op.Remainder && a.Type.Kind == IrType.Float)
            throw new KernelRefusedException("the remainder of floats, which no device has; use x - y * MathF.Floor(x / y)");
        if (op is Op.ShiftLeft or Op.ShiftRight or Op.ShiftRightU)
            return Emit(op, a.Type, a, b.Type.Kind == IrType.Long ? Emit(Op.LongToInt, IrType.Int, b) : b);
        (a, b) = SameWidth(a, b);
        return Emit(op, a.Type, a, b);
    }

    /// <summary>IL lets a native int meet an int.</summary>
    private (Value A, Value B) SameWidth(Value a, Value b)
    {
        if (a.Type.Kind == IrType.Int && b.Type.Kind == IrType.Long)
            return (Emit(Op.IntToLong, IrType.Long, a), b);
        return a.Type.Kind == IrType.Long && b.Type.Kind == IrType.Int ? (a, Emit(Op.IntToLong, IrType.Long, b)) : (a, b);
    }

    private Value Compared(string how, bool un, Stack stack)
    {
        if (stack.Peek() is TypeOperand)
            throw new KernelRefusedException("types are compared otherwise than by == of two typeof");
        var (b, a) = (stack.PopScalar(), stack.PopScalar());
        (a, b) = SameWidth(a, b);
        return Emit(
            how switch
            {
                "eq" => Op.Equal,
                "ne" => Op.NotEqual,
                "lt" => un ? Op.LessU : Op.Less,
                "le" => un ? Op.LessEqualU : Op.LessEqual,
                "gt" => un ? Op.GreaterU : Op.Greater,
                _ => un ? Op.GreaterEqualU : Op.GreaterEqual,
            },
            IrType.Bool, a, b);
    }

    /// <summary>IL's truth is a whole number.</summary>
    private ScalarOperand Whole(Value truth) => new(Emit(Op.Select, IrType.Int, truth, Int(1), Int(0)));

    private Value Truth(Value number)
    {
        number = number.Resolved();
        if (IsTruth(number))
            return number.Operands[0];
        if (number.Op is Op.And or Op.Or && number.Operands.All(IsTruth)) // C#'s & and | of two comparisons
            return Emit(number.Op, IrType.Bool, Truth(number.Operands[0]), Truth(number.Operands[1]));
        return Emit(Op.NotEqual, IrType.Bool, number, _ssa.Constant(number.Type, 0));
    }

    private bool IsTruth(Value number) => number.Op == Op.Select && number.Operands[1] == Int(1) && number.Operands[2] == Int(0);

    private Value Not(Value truth) => truth.Op == Op.Not ? truth.Operands[0] : Emit(Op.Not, IrType.Bool, truth);

    private Value Converted(Value v, string name, Frame frame, int offset)
    {
        var from = v.Type.Kind;
        switch (name)
        {
            case "conv.i1" or "conv.u1" or "conv.i2" or "conv.u2" when from is IrType.Int or IrType.Long:
                var word = from == IrType.Long ? Emit(Op.LongToInt, IrType.Int, v) : v;
                return Narrowed(word, name switch
                {
                    "conv.i1" => typeof(sbyte),
                    "conv.u1" => typeof(byte),
                    "conv.i2" => typeof(short),
                    _ => typeof(ushort),
                });
            case "conv.i4" or "conv.u4":
                return from switch
                {
                    IrType.Long => Emit(Op.LongToInt, IrType.Int, v),
                    IrType.Float => Emit(name == "conv.i4" ? Op.FloatToInt : Op.FloatToUInt, IrType.Int, v),
                    _ => v,
                };
            case "conv.i8" or "conv.i" when from != IrType.Float:
                return from == IrType.Int ? Emit(Op.IntToLong, IrType.Long, v) : v;
            case "conv.u8" or "conv.u" when from != IrType.Float:
                return from == IrType.Int ? Emit(Op.UIntToLong, IrType.Long, v) : v;
            case "conv.r4":
                return from switch
                {
                    IrType.Int => Emit(Op.IntToFloat, IrType.Float, v),
                    IrType.Long => Emit(Op.LongToFloat, IrType.Float, v),
                    _ => v,
                };
            case "conv.r.un" when from == IrType.Int:
                return Emit(Op.UIntToFloat, IrType.Float, v);
            default:
                throw Refused(frame, offset, name.StartsWith("conv.ovf", StringComparison.Ordinal)
                    ? "a checked conversion throws when it overflows; use an unchecked one"
                    : name == "conv.r8" ? "a number becomes a double, which has no registers here; use float"
                    : $"the conversion '{name}' of a {v.Type}; convert through int or float");
        }
    }

    private void Switch(WalkState walk, Arrival at, Value value, Operand[] stack)
    {
        int[] cases = at.Block.To[..^1];
        if (value.IsConstant)
        {
            bool listed = value.Bits >= 0 && value.Bits < cases.Length;
            Arrive(walk, at.Place, listed ? cases[value.Bits] : at.Block.To[^1], new Way(_ssa.Current, 0, stack));
            return;
        }
        foreach (var loop in at.Block.Loops.Where(loop => !at.Block.To.All(loop.Blocks.Contains) && !_kept.Contains(LoopName(walk.Frame, loop))))
            throw new Again(LoopName(walk.Frame, loop));
        for (int i = 0; i < cases.Length; i++)
        {
            var block = _ssa.Current;
            block.Condition = Emit(Op.Equal, IrType.Bool, value, Int(i));
            block.To.AddRange([null!, null!]);
            Arrive(walk, at.Place, cases[i], new Way(block, 0, stack));
            var next = _ssa.NewBlock();
            Link(new Way(block, 1, []), next);
            _ssa.Current = next;
        }
        Arrive(walk, at.Place, at.Block.To[^1], new Way(_ssa.Current, 0, stack));
    }

    /// <summary>What is said of an instruction that kernels don't have.</summary>
    private static string Unsupported(IlInstruction il) => il.Name switch
    {
        "newarr" => Allocates((Type)il.Operand!, "[]"),
        "localloc" => "'stackalloc' takes a stack, which kernels don't have; use LocalMemory.Allocate<T>(n)",
        "box" or "unbox" or "unbox.any" =>
            $"'{Types.Name((Type)il.Operand!)}' is boxed, which allocates; keep it a struct, and call its methods through a generic type parameter",
        "throw" or "rethrow" => Throws,
        "ldstr" => "text in a string; kernels have numbers only",
        "ldlen" => "the length of an array; use ArrayView<T>.Length",
        "ldftn" or "ldvirtftn" or "calli" => Delegates,
        "ldtoken" => "a table in the program's file; upload it, and pass a view of it",
        "isinst" or "castclass" => "a class is cast; use generic type parameters",
        "ldnull" => "null; kernels have no classes",
        "stsfld" => $"the static field {((FieldInfo)il.Operand!).Name} is changed; write into a view",
        "ldsflda" => $"the static field {((FieldInfo)il.Operand!).Name} is referred to; pass its value as an argument",
        _ when il.Name.StartsWith("ldelem", StringComparison.Ordinal) || il.Name.StartsWith("stelem", StringComparison.Ordinal) =>
            "an array is indexed; use ArrayView<T>",
        _ when il.Name.Contains(".ovf", StringComparison.Ordinal) => "checked arithmetic throws when it overflows; use unchecked",
        _ => $"the IL instruction '{il.Name}' is none of those that kernels have",
    };

    private const string Throws = "'throw': a kernel has nobody to catch it; check the arguments before the launch";
    private const string Delegates = "a delegate or lambda; use a struct with a method, as a generic type parameter";

    private static string Allocates(Type element, string rank) =>
        $"'new {Types.Name(element)}{rank}' allocates; use SharedMemory.Allocate<T>(n) or LocalMemory.Allocate<T>(n)";

    /// <summary>IL's evaluation stack.</summary>
    private sealed class Stack(Operand[] begin)
    {
        private readonly List<Operand> _items = [.. begin];

        public void Push(Operand operand) => _items.Add(operand);

        public Operand Peek() => _items[^1];

        public Operand Pop()
        {
            var top = _items[^1];
            _items.RemoveAt(_items.Count - 1);
            return top;
        }

        public Value PopScalar() => Pop() is ScalarOperand scalar
            ? scalar.Value.Resolved()
            : throw new KernelRefusedException("a struct or a reference where a number is needed; use its fields");

        public Operand[] ToArray() => [.. _items];
    }
}
