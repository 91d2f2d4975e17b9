using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace GanFromScratch.Kernels.Compiler;

/// <summary>The fourth part: calls. What a device does itself is an instruction; everything else is walked into.</summary>
internal sealed partial class Translator
{
    private void Call(Frame frame, int offset, MethodBase method, Type? constrained, Stack stack)
    {
        if (constrained is not null)
            method = Implementation(frame, offset, method, constrained);
        var parameters = method.GetParameters();
        var arguments = new Operand[parameters.Length + (method.IsStatic ? 0 : 1)];
        for (int i = arguments.Length - 1; i >= 0; i--)
            arguments[i] = stack.Pop();
        if (Intrinsic(frame, offset, method, arguments, out var result) || (result = Inlined(frame, offset, method, arguments)) is not null)
        {
            if (result is not null)
                stack.Push(result);
        }
    }

    /// <summary>`new S(...)`: the constructor is walked with the address of a new variable.</summary>
    private void Construct(Frame frame, int offset, MethodBase constructor, Stack stack)
    {
        var type = constructor.DeclaringType!;
        if (type.IsSubclassOf(typeof(Exception)))
            throw Refused(frame, offset, Throws);
        if (type.IsArray)
            throw Refused(frame, offset, Allocates(type.GetElementType()!, $"[{new string(',', type.GetArrayRank() - 1)}]"));
        if (!type.IsValueType)
            throw Refused(frame, offset, $"'new {Types.Name(type)}' allocates; use a struct");
        if (Types.IsView(type))
            throw Refused(frame, offset, "a view is made of a bare address; take a SubView of one that is there");
        var made = Variable.Of($"new {Types.Name(type)}", type, $"{frame.Path}@{offset}");
        Assign(made, Zero(type), frame, offset);
        var arguments = new Operand[constructor.GetParameters().Length + 1];
        for (int i = arguments.Length - 1; i > 0; i--)
            arguments[i] = stack.Pop();
        arguments[0] = new VariableAddress(made);
        Inlined(frame, offset, constructor, arguments);
        stack.Push(Read(made));
    }

    private Operand? Inlined(Frame frame, int offset, MethodBase method, Operand[] arguments)
    {
        if (frame.IsWithin(method))
            throw Refused(frame, offset, $"{Types.Name(method)} calls itself, and kernels have no stack; use a loop");
        string full = $"{Types.Name(method.DeclaringType!)}.{Types.Name(method)}";
        if (!method.IsStatic && !method.DeclaringType!.IsValueType)
        {
            throw Refused(frame, offset, method.DeclaringType.IsInterface
                ? $"{full} is an interface's own method, which takes a boxed struct; write it in the struct"
                : $"{full} is a method of a class; use a struct");
        }
        if (method.GetMethodBody() is null)
            throw Refused(frame, offset, $"{full} is no C#, so no device has it; use {(method.DeclaringType == typeof(MathF) ? "XMath" : "kernel C#")}");
        var il = IlMethod.Read(method, (what, at) => Refused(method, at, what, frame, offset));
        var types = method.GetParameters().Select(parameter => parameter.ParameterType);
        if (!method.IsStatic)
            types = types.Prepend(method.DeclaringType!.MakeByRefType());
        return Walk(new Frame(il, frame, offset, arguments, [.. types]));
    }

    /// <summary>The method of a struct that an interface's stands for: generics and static abstract members are settled here.</summary>
    private MethodBase Implementation(Frame frame, int offset, MethodBase method, Type type)
    {
        if (!method.DeclaringType!.IsInterface)
        {
            return method.DeclaringType == type
                ? method
                : throw Refused(
                    frame, offset, $"{Types.Name(method.DeclaringType)}.{method.Name} of a struct goes through a class; write it for the struct itself");
        }
        return Implementations.GetOrAdd((method, type), static call => Implementation(call.Method, call.Type));
    }

    private static readonly ConcurrentDictionary<(MethodBase Method, Type Type), MethodBase> Implementations = [];

    private static MethodBase Implementation(MethodBase method, Type type)
    {
        var map = type.GetInterfaceMap(method.DeclaringType!);
        var wanted = method is MethodInfo { IsGenericMethod: true } generic ? generic.GetGenericMethodDefinition() : method;
        int at = Array.FindIndex(map.InterfaceMethods, m => m.MetadataToken == wanted.MetadataToken && m.Module == wanted.Module);
        var found = map.TargetMethods[at];
        return method.IsGenericMethod ? found.MakeGenericMethod(method.GetGenericArguments()) : found;
    }

    /// <summary>Calls that the compiler knows. Gives whether the method is one, and its result, null if it has none.</summary>
    private bool Intrinsic(Frame frame, int offset, MethodBase method, Operand[] arguments, out Operand? result)
    {
        var type = method.DeclaringType!;
        string name = method.Name;
        result = null;
        if (Types.IsView(type))
        {
            result = OfView(frame, offset, method, arguments);
            return true;
        }
        if (type == typeof(Type))
        {
            if (name == nameof(Type.GetTypeFromHandle))
                result = arguments[0];
            else if (arguments is [TypeOperand a, TypeOperand b] && name is "op_Equality" or "op_Inequality")
                result = new ScalarOperand(Int((a.Type == b.Type) == (name == "op_Equality") ? 1 : 0));
            else
                throw Refused(frame, offset, "a type is looked at otherwise than by typeof(A) == typeof(B)");
            return true;
        }
        if (type == typeof(SharedMemory) || type == typeof(LocalMemory))
        {
            result = Allocated(frame, offset, (MethodInfo)method, arguments[0]);
            return true;
        }
        if (type == typeof(Atomic))
        {
            result = Changed(frame, offset, method, arguments);
            return true;
        }
        if (type == typeof(Interlocked))
            throw Refused(frame, offset, $"Interlocked.{name} is another library's atomic; use Atomic.{name}");
        if (type == typeof(Group) && name == nameof(Group.Barrier))
        {
            Emit(Op.Barrier, IrType.None);
            return true;
        }
        if (type == typeof(Warp))
            _function.UsesWarps ??= Refused("").Message;
        if (!KnownTypes.Contains(type))
            return false;
        Value[] v = [.. arguments.OfType<ScalarOperand>().Select(scalar => scalar.Value)];
        var value = (type.Name, name) switch
        {
            (nameof(Group), "get_IdxX") => Emit(Op.GroupIndex, IrType.Int),
            (nameof(Group), "get_DimX") => Int(_function.GroupSize),
            (nameof(Grid), "get_IdxX") => Emit(Op.GridIndexX, IrType.Int),
            (nameof(Grid), "get_IdxY") => Emit(Op.GridIndexY, IrType.Int),
            (nameof(Grid), "get_IdxZ") => Emit(Op.GridIndexZ, IrType.Int),
            (nameof(Grid), "get_DimX") => Emit(Op.GridSizeX, IrType.Int),
            (nameof(Grid), "get_DimY") => Emit(Op.GridSizeY, IrType.Int),
            (nameof(Grid), "get_DimZ") => Emit(Op.GridSizeZ, IrType.Int),
            (nameof(Warp), "get_LaneIdx") => Emit(Op.LaneIndex, IrType.Int),
            (nameof(Warp), nameof(Warp.ShuffleXor)) => Emit(Op.ShuffleXor, IrType.Float, v),
            (nameof(Warp), nameof(Warp.ShuffleDown)) => Emit(Op.ShuffleDown, IrType.Float, v),
            (nameof(Warp), nameof(Warp.Shuffle)) => Emit(Op.Shuffle, IrType.Float, v),
            (nameof(MathF) or nameof(Math) or nameof(Single), "FusedMultiplyAdd") when v[0].Type.Kind == IrType.Float =>
                Emit(Op.MultiplyAdd, IrType.Float, v),
            (nameof(MathF) or nameof(Single), nameof(MathF.Sqrt)) => Emit(Op.Sqrt, IrType.Float, v),
            (nameof(MathF) or nameof(Single) or nameof(Math), nameof(MathF.Abs)) when v[0].Type.Kind == IrType.Float => Emit(Op.Abs, IrType.Float, v),
            (nameof(MathF) or nameof(Single), nameof(MathF.Round)) when v.Length == 1 => Emit(Op.Round, IrType.Float, v),
            (nameof(MathF) or nameof(Single), nameof(MathF.Floor)) => Emit(Op.Floor, IrType.Float, v),
            (nameof(MathF) or nameof(Single), nameof(MathF.CopySign)) => WithSign(v[0], v[1]),
            (nameof(BitConverter), nameof(BitConverter.SingleToInt32Bits) or nameof(BitConverter.SingleToUInt32Bits)) =>
                Emit(Op.FloatToBits, IrType.Int, v),
            (nameof(BitConverter), nameof(BitConverter.Int32BitsToSingle) or nameof(BitConverter.UInt32BitsToSingle)) =>
                Emit(Op.BitsToFloat, IrType.Float, v),
            ("Fma" or "AdvSimd", "get_IsSupported") => Int(1), // every device has a fused multiply-add
            _ => null,
        };
        if (value is not null)
            result = new ScalarOperand(value);
        return value is not null;
    }

    private static readonly HashSet<Type> KnownTypes =
        [typeof(Group), typeof(Grid), typeof(Warp), typeof(MathF), typeof(Math), typeof(float), typeof(BitConverter), typeof(Fma), typeof(AdvSimd)];

    private Value WithSign(Value size, Value sign)
    {
        var magnitude = Emit(Op.And, IrType.Int, Emit(Op.FloatToBits, IrType.Int, size), Int(int.MaxValue));
        return Emit(Op.BitsToFloat, IrType.Float,
            Emit(Op.Or, IrType.Int, magnitude, Emit(Op.And, IrType.Int, Emit(Op.FloatToBits, IrType.Int, sign), Int(int.MinValue))));
    }

    private Operand OfView(Frame frame, int offset, MethodBase method, Operand[] arguments)
    {
        var view = arguments[0] is VariableAddress reference ? (StructOperand)Read(reference.Variable) : (StructOperand)arguments[0];
        Value pointer = ((ScalarOperand)view.Fields[0]).Value.Resolved(), length = ((ScalarOperand)view.Fields[1]).Value.Resolved();
        switch (method.Name)
        {
            case "get_Length":
                return new ScalarOperand(length);
            case "get_IntLength":
                return new ScalarOperand(Emit(Op.LongToInt, IrType.Int, length));
            case "get_Item":
                return new ElementAddress(Emit(Op.Index, pointer.Type, pointer, ScalarOf(arguments[1])));
            case nameof(ArrayView<int>.SubView):
                return new StructOperand(view.Type,
                    [new ScalarOperand(Emit(Op.Index, pointer.Type, pointer, ScalarOf(arguments[1]))), new ScalarOperand(ScalarOf(arguments[2]))]);
            case nameof(ArrayView<int>.Cast):
                return Cast();
            default:
                throw Refused(frame, offset, $"ArrayView.{method.Name} can't be used in a kernel");
        }

        Operand Cast()
        {
            var to = method.GetGenericArguments()[0];
            var element = Types.ElementOf(to);
            if (pointer.Type.Space == Space.Local)
                throw Refused(frame, offset, "local memory is cast to another type; it is made of registers, so use it as what it is");
            int from = Elements.Size(pointer.Type.Element), size = Elements.Size(element);
            var cast = element == pointer.Type.Element ? pointer : Emit(Op.Cast, pointer.Type with { Element = element }, pointer);
            var scaled = from == size ? length
                : Emit(Op.Divide, IrType.Long, Emit(Op.Multiply, IrType.Long, length, _ssa.Constant(IrType.Long, from)), _ssa.Constant(IrType.Long, size));
            return new StructOperand(typeof(ArrayView<>).MakeGenericType(to), [new ScalarOperand(cast), new ScalarOperand(scaled)]);
        }
    }

    private static Value ScalarOf(Operand operand) => operand switch
    {
        StructOperand index => ScalarOf(index.Fields[0]), // an Index1D
        _ => ((ScalarOperand)operand).Value.Resolved(),
    };

    private Operand Allocated(Frame frame, int offset, MethodInfo method, Operand length)
    {
        var size = ScalarOf(length);
        if (!size.IsConstant || size.Bits <= 0)
        {
            throw Refused(
                frame, offset, $"{method.DeclaringType!.Name}.Allocate: the number of elements isn't a positive constant; make it a const, or a type parameter's");
        }
        var space = method.DeclaringType == typeof(SharedMemory) ? Space.Shared : Space.Local;
        var element = Types.ElementOf(method.GetGenericArguments()[0]);
        if (space == Space.Local && element == Element.Float4)
            throw Refused(frame, offset, "local memory of Float4; allocate four times as many floats");
        _function.Memory.Add(new MemoryBlock(space, element, size.AsInt, $"{frame.Path}@{offset}"));
        var pointer = _ssa.Emit(space == Space.Shared ? Op.Shared : Op.Local, new(IrType.Pointer, space, element), _function.Memory.Count - 1, []);
        return new StructOperand(method.ReturnType, [new ScalarOperand(pointer), new ScalarOperand(_ssa.Constant(IrType.Long, size.Bits))]);
    }

    private Operand Changed(Frame frame, int offset, MethodBase method, Operand[] arguments)
    {
        if (arguments[0] is not ElementAddress target)
            throw Refused(frame, offset, $"Atomic.{method.Name} of a local variable, which no other thread sees; use an element of a view");
        bool unsigned = method.GetParameters()[0].ParameterType == typeof(uint).MakeByRefType();
        var kind = method.Name switch
        {
            nameof(Atomic.Add) => AtomicKind.Add,
            nameof(Atomic.Max) => AtomicKind.MaxS,
            nameof(Atomic.Min) => AtomicKind.MinS,
            nameof(Atomic.And) => AtomicKind.And,
            nameof(Atomic.Or) => AtomicKind.Or,
            nameof(Atomic.Xor) => AtomicKind.Xor,
            nameof(Atomic.Exchange) => AtomicKind.Exchange,
            _ => AtomicKind.CompareExchange,
        };
        if (unsigned && kind != AtomicKind.Add)
            throw Refused(frame, offset, $"Atomic.{method.Name} of uint; use int");
        if (target.Pointer.Type.Space == Space.Local)
            throw Refused(frame, offset, $"Atomic.{method.Name} of local memory, which no other thread sees");
        return new ScalarOperand(_ssa.Emit(Op.Atomic, IrType.Int, (long)kind, [target.Pointer, .. arguments[1..].Select(ScalarOf)]));
    }
}
