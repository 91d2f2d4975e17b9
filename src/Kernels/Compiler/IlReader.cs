using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;

namespace GanFromScratch.Kernels.Compiler;

/// <summary>An IL instruction with its operand resolved: a number, a member, a type, or the offsets that it may jump to.</summary>
internal readonly record struct IlInstruction(int Offset, int Next, OpCode Code, object? Operand)
{
    public string Name { get; } = Code.Name!;

    /// <summary>The name up to its first dot: `ldarg` of `ldarg.0`.</summary>
    public string Family { get; } = Code.Name!.Split('.')[0];
}

/// <summary>
/// IL that runs from its first instruction to its last, with the blocks that it leads to. A block's number is its place in reverse postorder.
/// </summary>
internal sealed record IlBlock(int Number, IlInstruction[] Instructions, int[] To)
{
    /// <summary>The loops around it, outermost first.</summary>
    public IlLoop[] Loops { get; set; } = [];

    public bool IsHeader => Loops.Length > 0 && Loops[^1].Header == Number;
}

/// <summary>A natural loop: its header, the blocks in it, and the locals and arguments that it assigns by name.</summary>
internal sealed record IlLoop(int Header, HashSet<int> Blocks)
{
    public HashSet<int> ChangedLocals { get; } = [];

    public HashSet<int> ChangedArguments { get; } = [];
}

/// <summary>A method's IL as a graph of blocks, generics closed.</summary>
internal sealed class IlMethod
{
    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    private static readonly ConcurrentDictionary<MethodBase, IlMethod> Known = []; // an unrolled loop calls the same method many times

    private IlMethod(MethodBase method, MethodBody body, IlBlock[] blocks)
    {
        Method = method;
        Locals = [.. body.LocalVariables.Select(local => local.LocalType)];
        Blocks = blocks;
    }

    public MethodBase Method { get; }

    public Type[] Locals { get; }

    public IlBlock[] Blocks { get; }

    /// <summary>Reads a method.</summary>
    /// <exception cref="KernelRefusedException">It has no IL, handles exceptions, or jumps into a loop's middle.</exception>
    public static IlMethod Read(MethodBase method, Func<string, int, KernelRefusedException> refuse)
    {
        if (Known.TryGetValue(method, out var known))
            return known;
        var body = method.GetMethodBody() ?? throw refuse("it has no IL; write it as kernel C#", 0);
        if (body.ExceptionHandlingClauses.Count > 0)
            throw refuse("try and using handle exceptions, which kernels can't; leave them to the caller", body.ExceptionHandlingClauses[0].TryOffset);
        var instructions = Decode(method, body.GetILAsByteArray()!);
        var blocks = BlocksOf(instructions);
        FindLoops(blocks, refuse);
        return Known[method] = new IlMethod(method, body, blocks);
    }

    private static List<IlInstruction> Decode(MethodBase method, byte[] il)
    {
        var module = method.Module;
        Type[] types = method.DeclaringType?.GetGenericArguments() ?? [], methods = method.IsGenericMethod ? method.GetGenericArguments() : [];
        var list = new List<IlInstruction>();
        for (int at = 0; at < il.Length;)
        {
            int offset = at;
            short value = il[at++];
            if (value == 0xfe)
                value = (short)(0xfe00 | il[at++]);
            var code = Codes[value];
            object? operand = Operand(code, ref at);
            list.Add(new IlInstruction(offset, at, code, operand ?? Implied(code.Name!)));
        }
        return list;

        object? Operand(OpCode code, ref int at)
        {
            int from = at;
            switch (code.OperandType)
            {
                case OperandType.InlineNone:
                    return null;
                case OperandType.ShortInlineBrTarget:
                    at += 1;
                    return at + (sbyte)il[from];
                case OperandType.ShortInlineI:
                    at += 1;
                    return (int)(sbyte)il[from];
                case OperandType.ShortInlineVar:
                    at += 1;
                    return (int)il[from];
                case OperandType.InlineVar:
                    at += 2;
                    return (int)BitConverter.ToUInt16(il, from);
                case OperandType.InlineBrTarget:
                    at += 4;
                    return at + BitConverter.ToInt32(il, from);
                case OperandType.InlineI:
                    at += 4;
                    return BitConverter.ToInt32(il, from);
                case OperandType.InlineI8:
                    at += 8;
                    return BitConverter.ToInt64(il, from);
                case OperandType.ShortInlineR:
                    at += 4;
                    return BitConverter.ToSingle(il, from);
                case OperandType.InlineR:
                    at += 8;
                    return BitConverter.ToDouble(il, from);
                case OperandType.InlineSwitch:
                    int count = BitConverter.ToInt32(il, from);
                    at += 4 + (4 * count);
                    int end = at;
                    return Enumerable.Range(0, count).Select(i => end + BitConverter.ToInt32(il, from + 4 + (4 * i))).ToArray();
                default:
                    at += 4;
                    int token = BitConverter.ToInt32(il, from);
                    return code.OperandType switch
                    {
                        OperandType.InlineMethod => module.ResolveMethod(token, types, methods),
                        OperandType.InlineField => module.ResolveField(token, types, methods),
                        OperandType.InlineType => module.ResolveType(token, types, methods),
                        OperandType.InlineTok => module.ResolveMember(token, types, methods),
                        _ => token,
                    };
            }
        }
    }

    /// <summary>The number in a short form's name: `ldarg.2`, `ldc.i4.m1`.</summary>
    private static object? Implied(string name)
    {
        string last = name[(name.LastIndexOf('.') + 1)..];
        return last == "m1" ? -1 : last.Length == 1 && char.IsDigit(last[0]) ? last[0] - '0' : null;
    }

    private static IlBlock[] BlocksOf(List<IlInstruction> instructions)
    {
        var leaders = new SortedSet<int> { 0 };
        foreach (var instruction in instructions)
        {
            if (Targets(instruction) is { } targets)
            {
                leaders.UnionWith(targets);
                leaders.Add(instruction.Next);
            }
        }
        var pieces = new Dictionary<int, (IlInstruction[] Body, int[] To)>();
        for (int i = 0; i < instructions.Count;)
        {
            int end = i + 1;
            while (end < instructions.Count && !leaders.Contains(instructions[end].Offset))
                end++;
            var last = instructions[end - 1];
            pieces[instructions[i].Offset] = ([.. instructions[i..end]], Targets(last) ?? [last.Next]);
            i = end;
        }

        // Reverse postorder: a block comes after all that leads to it, but for the ways back of loops.
        var order = new List<int>();
        var seen = new HashSet<int>();
        Visit(0);
        order.Reverse();
        var numbers = order.Select((offset, number) => (offset, number)).ToDictionary(p => p.offset, p => p.number);
        return [.. order.Select((offset, number) => new IlBlock(number, pieces[offset].Body, [.. pieces[offset].To.Select(to => numbers[to])]))];

        void Visit(int offset)
        {
            if (!seen.Add(offset))
                return;
            foreach (int to in pieces[offset].To)
                Visit(to);
            order.Add(offset);
        }
    }

    /// <summary>Where a jump leads, the first place first taken; null for an instruction that is followed by the next.</summary>
    private static int[]? Targets(IlInstruction instruction) => instruction.Code.FlowControl switch
    {
        FlowControl.Branch => [(int)instruction.Operand!],
        FlowControl.Cond_Branch when instruction.Operand is int[] cases => [.. cases, instruction.Next],
        FlowControl.Cond_Branch => [(int)instruction.Operand!, instruction.Next],
        FlowControl.Return or FlowControl.Throw => [],
        _ => null,
    };

    private static void FindLoops(IlBlock[] blocks, Func<string, int, KernelRefusedException> refuse)
    {
        var from = blocks.Select(_ => new List<int>()).ToArray();
        foreach (var block in blocks)
        {
            foreach (int to in block.To)
                from[to].Add(block.Number);
        }
        var dominators = Dominators(blocks, from);
        var loops = new SortedDictionary<int, IlLoop>();
        foreach (var block in blocks)
        {
            foreach (int header in block.To.Where(to => to <= block.Number))
            {
                if (!dominators[block.Number].Contains(header))
                    throw refuse("a goto leads into the middle of a loop; write the loop with for or while", block.Instructions[0].Offset);
                if (!loops.TryGetValue(header, out var loop))
                    loops[header] = loop = new IlLoop(header, [header]);
                var open = new Stack<int>([block.Number]);
                while (open.TryPop(out int inside))
                {
                    if (loop.Blocks.Add(inside))
                        from[inside].ForEach(open.Push);
                }
            }
        }
        foreach (var block in blocks)
            block.Loops = [.. loops.Values.Where(loop => loop.Blocks.Contains(block.Number)).OrderByDescending(loop => loop.Blocks.Count)];
        foreach (var loop in loops.Values)
        {
            foreach (var instruction in loop.Blocks.SelectMany(number => blocks[number].Instructions))
            {
                if (instruction.Name.StartsWith("stloc", StringComparison.Ordinal))
                    loop.ChangedLocals.Add((int)instruction.Operand!);
                else if (instruction.Name.StartsWith("starg", StringComparison.Ordinal))
                    loop.ChangedArguments.Add((int)instruction.Operand!);
            }
        }
    }

    /// <summary>For each block the blocks that every way to it leads through.</summary>
    private static HashSet<int>[] Dominators(IlBlock[] blocks, List<int>[] from)
    {
        var all = Enumerable.Range(0, blocks.Length);
        var dominators = blocks.Select(block => block.Number == 0 ? new HashSet<int> { 0 } : [.. all]).ToArray();
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int b = 1; b < blocks.Length; b++)
            {
                var common = new HashSet<int>(dominators[from[b][0]]);
                foreach (int other in from[b].Skip(1))
                    common.IntersectWith(dominators[other]);
                common.Add(b);
                changed |= common.Count != dominators[b].Count;
                dominators[b] = common;
            }
        }
        return dominators;
    }
}
