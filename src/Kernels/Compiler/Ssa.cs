namespace GanFromScratch.Kernels.Compiler;

/// <summary>A scalar that a kernel's C# may assign many times: a local, an argument, a field of one, or an element of local memory.</summary>
/// <param name="name">Tells it from all others of the kernel, in the same way each time it is compiled.</param>
/// <param name="kind">What a read gives before any assignment: zero of this type.</param>
/// <param name="anywhere">Whether any loop is taken to change it: an element of local memory.</param>
internal sealed class Slot(string name, ValueType kind, bool anywhere = false)
{
    public string Name { get; } = name;

    public bool Anywhere { get; } = anywhere;

    public ValueType Kind { get; } = kind;
}

/// <summary>
/// Builds a function in which every value is assigned once, block after block, while the IL is walked (Braun et al., "Simple and Efficient
/// Construction of Static Single Assignment Form", 2013). A read of a slot looks up the blocks that led here, and makes a phi where they disagree. The
/// header of a loop is open until the ways back to it are known: there, slots that the loop is expected to change get their phi at once. Others are taken
/// to keep their value; if one is changed after all, <see cref="Surprise"/> says so.
/// </summary>
internal sealed class Ssa(Function function)
{
    private readonly Dictionary<Block, State> _states = [];
    private readonly Dictionary<(IrType, long), Value> _constants = [];
    private readonly List<Block> _open = [];

    /// <summary>Hears of a slot that a loop changes though it was read as one that it doesn't; what was built is then wrong.</summary>
    public required Action<Block, Slot> Surprise { get; init; }

    /// <summary>The block that instructions are added to.</summary>
    public Block Current { get; set; } = null!;

    /// <summary>Instructions so far, phis left out.</summary>
    public int Size { get; private set; }

    public Block NewBlock()
    {
        var block = new Block(function.Blocks.Count);
        function.Blocks.Add(block);
        _states[block] = new State();
        return block;
    }

    /// <summary>A way from one block to another.</summary>
    public void Link(Block from, int way, Block to)
    {
        if (from.Condition is null)
            from.To.Add(to);
        else
            from.To[way] = to;
        to.From.Add(from);
        var state = _states[to];
        if (!state.IsHeader)
            state.Above = to.From.Count == 1 ? from : CommonAbove(state.Above!, from);
        state.Depth = _states[state.Above!].Depth + 1;
    }

    /// <summary>A header with one way into the loop, whose ways back are not known yet.</summary>
    public void Open(Block header, Func<Slot, bool> expected)
    {
        _states[header].Expected = expected;
        _open.Add(header);
    }

    /// <summary>All ways to the header are known: its phis get their operands.</summary>
    public void Close(Block header)
    {
        var state = _states[header];
        _open.Remove(header);
        foreach (var (slot, phi) in state.Incomplete)
        {
            phi.Operands = [.. header.From.Select(from => Read(slot, from))];
            if (phi.Operands.All(operand => operand.Resolved() == phi || operand.Resolved() == phi.Operands[0].Resolved()))
                phi.Same = phi.Operands[0].Resolved(); // it was not changed after all
        }
    }

    public Value Constant(ValueType type, long bits)
    {
        if (!_constants.TryGetValue((type.Kind, bits), out var value))
            _constants[(type.Kind, bits)] = value = new Value(Op.Constant, type, bits);
        return value;
    }

    public Value Emit(Op op, ValueType type, params Value[] operands) => Emit(op, type, 0, operands);

    /// <summary>The instruction's value: folded, found among the instructions before, or of a new instruction at the end of the current block.</summary>
    public Value Emit(Op op, ValueType type, long bits, Value[] operands)
    {
        for (int i = 0; i < operands.Length; i++)
            operands[i] = operands[i].Resolved();
        if (Folding.Fold(op, type, operands, Constant, Emit) is { } folded)
            return folded;
        var value = new Value(op, type, bits, operands);
        if (value.IsPure)
        {
            var key = new Key(op, type, bits, operands.ElementAtOrDefault(0), operands.ElementAtOrDefault(1), operands.ElementAtOrDefault(2));
            var home = operands.Length == 0 ? function.Blocks[0] : Current; // a thread's number and the like are the same everywhere
            for (var above = home; above is not null; above = _states[above].Above)
            {
                if (_states[above].Known.TryGetValue(key, out var known))
                    return known;
            }
            _states[home].Known[key] = value;
            home.Body.Add(value);
        }
        else
        {
            Current.Body.Add(value);
        }
        Size++;
        return value;
    }

    public void Write(Slot slot, Value value)
    {
        foreach (var header in _open)
        {
            if (_states[header].Changed.Add(slot) && _states[header].TakenAsKept.Contains(slot))
                Surprise(header, slot);
        }
        _states[Current].Slots[slot] = value;
    }

    public Value Read(Slot slot) => Read(slot, Current);

    /// <summary>The value that a block begins with, given what each of the ways to it brings.</summary>
    public Value Join(Block block, IReadOnlyList<Value> values)
    {
        var first = values[0].Resolved();
        if (values.All(value => value.Resolved() == first))
            return first;
        var phi = new Value(Op.Phi, first.Type, 0, [.. values]);
        block.Phis.Add(phi);
        return phi;
    }

    private Value Read(Slot slot, Block block)
    {
        var state = _states[block];
        if (state.Slots.TryGetValue(slot, out var value))
            return value.Resolved();
        if (state.Expected is { } expected)
        {
            value = Read(slot, block.From[0]); // the way into the loop
            bool isOpen = _open.Contains(block);
            if (state.Changed.Contains(slot) || (isOpen && expected(slot)))
            {
                var phi = new Value(Op.Phi, value.Type, 0);
                block.Phis.Add(phi);
                state.Slots[slot] = phi; // found by its own operands, around the loop
                if (isOpen)
                    state.Incomplete.Add((slot, phi));
                else
                    phi.Operands = [.. block.From.Select(from => Read(slot, from))];
                value = phi;
            }
            else if (isOpen)
            {
                state.TakenAsKept.Add(slot);
            }
        }
        else if (block.From.Count == 0)
        {
            value = Constant(slot.Kind, 0); // C# lets nobody read a local before it is assigned; loops bring this in, and nothing uses it
        }
        else if (block.From.Count == 1)
        {
            value = Read(slot, block.From[0]);
        }
        else
        {
            value = Join(block, [.. block.From.Select(from => Read(slot, from))]);
        }
        state.Slots[slot] = value;
        return value;
    }

    private Block CommonAbove(Block a, Block b)
    {
        while (a != b)
        {
            if (_states[a].Depth >= _states[b].Depth)
                a = _states[a].Above!;
            else
                b = _states[b].Above!;
        }
        return a;
    }

    private sealed class State
    {
        public Dictionary<Slot, Value> Slots { get; } = [];

        public Dictionary<Key, Value> Known { get; } = [];

        public List<(Slot Slot, Value Phi)> Incomplete { get; } = [];

        /// <summary>The block that every way here leads through, nearest, and how many there are.</summary>
        public Block? Above { get; set; }

        public int Depth { get; set; }

        /// <summary>Of a loop's header: the slots that the loop is expected to change, that it does, and that were read as if it didn't.</summary>
        public Func<Slot, bool>? Expected { get; set; }

        public HashSet<Slot> Changed { get; } = [];

        public HashSet<Slot> TakenAsKept { get; } = [];

        public bool IsHeader => Expected is not null;
    }

    private readonly record struct Key(Op Op, ValueType Type, long Bits, Value? A, Value? B, Value? C);
}
