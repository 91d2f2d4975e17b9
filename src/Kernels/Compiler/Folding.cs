namespace GanFromScratch.Kernels.Compiler;

/// <summary>
/// What an instruction comes to without running it: constants computed, and x + 0 and the like dropped. Floats are only folded where every operand is
/// known, in float32 as a device would; no rule changes a result's bits.
/// </summary>
internal static class Folding
{
    /// <summary>
    /// The value that the instruction always gives, made by <paramref name="constant"/> or <paramref name="emit"/>; null if it has to run.
    /// </summary>
    public static Value? Fold(
        Op op, ValueType type, Value[] v, Func<ValueType, long, Value> constant, Func<Op, ValueType, Value[], Value> emit)
    {
        if (op == Op.Select && (v[0].IsConstant || v[1] == v[2]))
            return v[0].IsConstant && v[0].Bits == 0 ? v[2] : v[1];
        if (v.Length > 0 && v.All(operand => operand.IsConstant) && Compute(op, v) is { } bits)
            return constant(type, Normal(type, bits));
        if (v.Length != 2 || type.Kind == IrType.Float || v[0].Type.Kind == IrType.Float)
            return null;
        if (v[0].IsConstant && !v[1].IsConstant && op is Op.Add or Op.Multiply or Op.And or Op.Or or Op.Xor)
            return emit(op, type, [v[1], v[0]]); // constants to the right
        if (op == Op.Index)
            return Address(type, v, constant, emit);
        if (!v[1].IsConstant)
            return null;
        long c = v[1].Bits;
        switch (op)
        {
            case Op.Add or Op.Subtract or Op.Or or Op.Xor or Op.ShiftLeft or Op.ShiftRight or Op.ShiftRightU when c == 0:
            case Op.Multiply or Op.Divide or Op.DivideU when c == 1:
                return v[0];
            case Op.Multiply or Op.And when c == 0:
                return v[1];
            case Op.Remainder or Op.RemainderU when c == 1:
                return constant(type, 0);
            case Op.Subtract:
                return emit(Op.Add, type, [v[0], constant(type, Normal(type, -c))]);
            case Op.Add when v[0] is { Op: Op.Add } sum && sum.Operands[1].IsConstant: // (x + a) + b = x + (a + b): addresses in unrolled loops
                return emit(Op.Add, type, [sum.Operands[0], constant(type, Normal(type, sum.Operands[1].Bits + c))]);
            case Op.DivideU when v[0].Type.Kind == IrType.Int && IsPowerOfTwo(c):
                return emit(Op.ShiftRightU, type, [v[0], constant(type, long.TrailingZeroCount(c))]);
            case Op.RemainderU when v[0].Type.Kind == IrType.Int && IsPowerOfTwo(c):
                return emit(Op.And, type, [v[0], constant(type, c - 1)]);
            default:
                return null;
        }
    }

    /// <summary>
    /// An element's address with the constant part of its index outermost, where it becomes the offset of a load: p[x + c] = (p + x)[c]. An index that
    /// overflows an int would differ, but it is outside of any view.
    /// </summary>
    private static Value? Address(
        ValueType type, Value[] v, Func<ValueType, long, Value> constant, Func<Op, ValueType, Value[], Value> emit)
    {
        var (pointer, index) = (v[0], v[1]);
        bool inner = pointer is { Op: Op.Index } && pointer.Operands[1].IsConstant;
        if (index.IsConstant)
        {
            if (index.Bits == 0)
                return pointer;
            if (inner)
                return emit(Op.Index, type, [pointer.Operands[0], constant(IrType.Long, pointer.Operands[1].Bits + index.Bits)]);
            return index.Type.Kind == IrType.Long ? null : emit(Op.Index, type, [pointer, constant(IrType.Long, index.Bits)]);
        }
        if (index.Op == Op.Add && index.Operands[1].IsConstant)
            return emit(Op.Index, type, [emit(Op.Index, type, [pointer, index.Operands[0]]), constant(IrType.Long, index.Operands[1].Bits)]);
        return inner ? emit(Op.Index, type, [emit(Op.Index, type, [pointer.Operands[0], index]), pointer.Operands[1]]) : null;
    }

    /// <summary>An int's bits, sign-extended, so that equal constants are one.</summary>
    private static long Normal(ValueType type, long bits) => type.Kind switch
    {
        IrType.Long => bits,
        IrType.Bool => bits != 0 ? 1 : 0,
        _ => (int)bits,
    };

    private static bool IsPowerOfTwo(long c) => c > 0 && (c & (c - 1)) == 0;

    private static long? Compute(Op op, Value[] v) => v[0].Type.Kind switch
    {
        IrType.Float => OfFloats(op, [.. v.Select(operand => operand.AsFloat)]),
        IrType.Int => OfInts(op, v[0].AsInt, v.Length > 1 ? v[1].AsInt : 0),
        IrType.Long => OfLongs(op, v[0].Bits, v.Length > 1 ? v[1].Bits : 0),
        IrType.Bool when op == Op.Not => 1 - v[0].Bits,
        _ => null,
    };

    private static long? OfFloats(Op op, float[] x) => op switch
    {
        Op.Add => Bits(x[0] + x[1]),
        Op.Subtract => Bits(x[0] - x[1]),
        Op.Multiply => Bits(x[0] * x[1]),
        Op.Divide => Bits(x[0] / x[1]),
        Op.Negate => Bits(-x[0]),
        Op.MultiplyAdd => Bits(MathF.FusedMultiplyAdd(x[0], x[1], x[2])),
        Op.Sqrt => Bits(MathF.Sqrt(x[0])),
        Op.Abs => Bits(MathF.Abs(x[0])),
        Op.Round => Bits(MathF.Round(x[0])),
        Op.Floor => Bits(MathF.Floor(x[0])),
        Op.Equal => Bit(x[0] == x[1]),
        Op.NotEqual => Bit(x[0] != x[1]),
        Op.Less => Bit(x[0] < x[1]),
        Op.LessEqual => Bit(x[0] <= x[1]),
        Op.Greater => Bit(x[0] > x[1]),
        Op.GreaterEqual => Bit(x[0] >= x[1]),
        Op.LessU => Bit(!(x[0] >= x[1])),
        Op.LessEqualU => Bit(!(x[0] > x[1])),
        Op.GreaterU => Bit(!(x[0] <= x[1])),
        Op.GreaterEqualU => Bit(!(x[0] < x[1])),
        Op.FloatToInt => (int)x[0],
        Op.FloatToUInt => (uint)x[0],
        Op.FloatToBits => BitConverter.SingleToInt32Bits(x[0]),
        _ => null,
    };

    private static long? OfInts(Op op, int a, int b) => op switch
    {
        Op.Add => a + b,
        Op.Subtract => a - b,
        Op.Multiply => a * b,
        Op.Divide when b != 0 && !(a == int.MinValue && b == -1) => a / b,
        Op.DivideU when b != 0 => (uint)a / (uint)b,
        Op.Remainder when b != 0 && b != -1 => a % b,
        Op.RemainderU when b != 0 => (uint)a % (uint)b,
        Op.Negate => -a,
        Op.And => a & b,
        Op.Or => a | b,
        Op.Xor => a ^ b,
        Op.Not => ~a,
        Op.ShiftLeft => a << b,
        Op.ShiftRight => a >> b,
        Op.ShiftRightU => a >>> b,
        Op.IntToLong => a,
        Op.UIntToLong => (uint)a,
        Op.IntToFloat => Bits(a),
        Op.UIntToFloat => Bits((uint)a),
        Op.BitsToFloat => a,
        Op.SignExtend8 => (sbyte)a,
        Op.SignExtend16 => (short)a,
        _ => Compared(op, a, b, (uint)a, (uint)b),
    };

    private static long? OfLongs(Op op, long a, long b) => op switch
    {
        Op.Add => a + b,
        Op.Subtract => a - b,
        Op.Multiply => a * b,
        Op.Divide when b is not (0 or -1) => a / b,
        Op.DivideU when b != 0 => (long)((ulong)a / (ulong)b),
        Op.Remainder when b is not (0 or -1) => a % b,
        Op.RemainderU when b != 0 => (long)((ulong)a % (ulong)b),
        Op.Negate => -a,
        Op.And => a & b,
        Op.Or => a | b,
        Op.Xor => a ^ b,
        Op.Not => ~a,
        Op.ShiftLeft => a << (int)b,
        Op.ShiftRight => a >> (int)b,
        Op.ShiftRightU => a >>> (int)b,
        Op.LongToInt => (int)a,
        Op.LongToFloat => Bits(a),
        _ => Compared(op, a, b, (ulong)a, (ulong)b),
    };

    private static long? Compared(Op op, long a, long b, ulong ua, ulong ub) => op switch
    {
        Op.Equal => Bit(a == b),
        Op.NotEqual => Bit(a != b),
        Op.Less => Bit(a < b),
        Op.LessEqual => Bit(a <= b),
        Op.Greater => Bit(a > b),
        Op.GreaterEqual => Bit(a >= b),
        Op.LessU => Bit(ua < ub),
        Op.LessEqualU => Bit(ua <= ub),
        Op.GreaterU => Bit(ua > ub),
        Op.GreaterEqualU => Bit(ua >= ub),
        _ => null,
    };

    private static long Bits(float value) => BitConverter.SingleToInt32Bits(value);

    private static long Bit(bool value) => value ? 1 : 0;
}
