namespace GanFromScratch.Kernels.Compiler;

/// <summary>What is left to do when a function is built: drop what nothing uses, and put it in the form that both writers take.</summary>
internal static class Finishing
{
    public static Function Finish(Function function)
    {
        ResolvePhis(function);
        while (PickInsteadOfBranching(function))
            ResolvePhis(function);
        RemoveUnused(function);
        SkipEmptyBlocks(function);
        SplitEdges(function);
        Number(function);
        return function;
    }

    /// <summary>A phi whose operands are all one value, or the phi itself, is that value.</summary>
    private static void ResolvePhis(Function function)
    {
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (var phi in function.Blocks.SelectMany(block => block.Phis).Where(phi => phi.Same is null))
            {
                var others = phi.Operands.Select(operand => operand.Resolved()).Where(operand => operand != phi).Distinct().Take(2).ToArray();
                if (others.Length == 1)
                {
                    phi.Same = others[0];
                    changed = true;
                }
            }
        }
        foreach (var block in function.Blocks)
        {
            block.Phis.RemoveAll(phi => phi.Same is not null);
            foreach (var value in block.Phis.Concat(block.Body))
                value.Operands = [.. value.Operands.Select(operand => operand.Resolved())];
            block.Condition = block.Condition?.Resolved();
        }
    }

    /// <summary>
    /// Where the two ways of a branch compute nothing and meet again at once, as those of `?:` do, the branch goes: each phi picks by the condition.
    /// </summary>
    private static bool PickInsteadOfBranching(Function function)
    {
        bool changed = false;
        foreach (var block in function.Blocks.ToArray())
        {
            while (block.To.Count == 2 && Meeting(block) is { } meeting)
            {
                var condition = block.Condition!;
                int first = WayTo(block, block.To[0], meeting), second = WayTo(block, block.To[1], meeting);
                foreach (var phi in meeting.Phis)
                {
                    var picked = new Value(Op.Select, phi.Type, 0, condition, phi.Operands[first], phi.Operands[second]);
                    block.Body.Add(picked);
                    phi.Same = picked;
                }
                foreach (var way in block.To.Where(way => way != meeting))
                    function.Blocks.Remove(way);
                block.Body.AddRange(meeting.Body);
                block.Condition = meeting.Condition;
                block.To.Clear();
                block.To.AddRange(meeting.To);
                foreach (var to in meeting.To)
                    to.From[to.From.IndexOf(meeting)] = block;
                function.Blocks.Remove(meeting);
                changed = true;
            }
        }
        return changed;
    }

    /// <summary>The block where both ways of a branch meet, if they lead nowhere else and compute nothing, and nothing else leads there.</summary>
    private static Block? Meeting(Block block)
    {
        var first = Through(block, block.To[0]);
        return first == Through(block, block.To[1]) && first.From.Count == 2 && first != block ? first : null;
    }

    private static Block Through(Block from, Block to) =>
        to.From.Count == 1 && to.From[0] == from && to.Body.Count == 0 && to.Phis.Count == 0 && to.To.Count == 1 ? to.To[0] : to;

    private static int WayTo(Block block, Block way, Block meeting) => meeting.From.IndexOf(way == meeting ? block : way);

    /// <summary>What leads to a block that only leads on leads there at once.</summary>
    private static void SkipEmptyBlocks(Function function)
    {
        foreach (var empty in function.Blocks.Skip(1).ToArray())
        {
            if (empty.Body.Count > 0 || empty.Phis.Count > 0 || empty.To.Count != 1 || empty.To[0].Phis.Count > 0)
                continue;
            var to = empty.To[0];
            if (to == empty || empty.From.Any(from => from.To.Contains(to)))
                continue;
            to.From.Remove(empty);
            foreach (var from in empty.From)
            {
                from.To[from.To.IndexOf(empty)] = to;
                to.From.Add(from);
            }
            function.Blocks.Remove(empty);
        }
    }

    /// <summary>Keeps what has an effect, what decides a branch, and what these use.</summary>
    private static void RemoveUnused(Function function)
    {
        var kept = new HashSet<Value>();
        var open = new Stack<Value>(function.Blocks.SelectMany(block => block.Body.Where(value => value.HasEffect)));
        foreach (var block in function.Blocks)
        {
            if (block.Condition is { } condition)
                Use(condition);
        }
        while (open.TryPop(out var value))
        {
            if (kept.Add(value))
            {
                foreach (var operand in value.Operands)
                    Use(operand);
            }
        }
        foreach (var block in function.Blocks)
        {
            block.Phis.RemoveAll(phi => !kept.Contains(phi));
            block.Body.RemoveAll(value => !kept.Contains(value) || value.Op is Op.Parameter or Op.Shared or Op.Local);
        }
        foreach (var value in kept.Where(value => value.Op == Op.Parameter))
            function.UsedParameters.Add((int)value.Bits);
        foreach (var value in kept.Where(value => value.Op is Op.Shared or Op.Local))
            function.UsedMemory.Add((int)value.Bits);

        void Use(Value value)
        {
            value.Uses++;
            open.Push(value);
        }
    }

    /// <summary>Where a branch leads to a block with phis, a block of its own takes the copies that the phis become.</summary>
    private static void SplitEdges(Function function)
    {
        for (int b = 0; b < function.Blocks.Count; b++)
        {
            var block = function.Blocks[b];
            for (int way = 0; way < block.To.Count && block.To.Count == 2; way++)
            {
                var to = block.To[way];
                if (to.Phis.Count == 0)
                    continue;
                var between = new Block(0);
                between.From.Add(block);
                between.To.Add(to);
                block.To[way] = between;
                to.From[to.From.IndexOf(block)] = between;
                function.Blocks.Insert(b + 1, between);
            }
        }
    }

    private static void Number(Function function)
    {
        int next = 0;
        for (int b = 0; b < function.Blocks.Count; b++)
        {
            function.Blocks[b].Number = b;
            foreach (var value in function.Blocks[b].Phis.Concat(function.Blocks[b].Body))
                value.Number = next++;
        }
    }
}
