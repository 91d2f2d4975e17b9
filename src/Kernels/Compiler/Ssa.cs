namespace GanFromScratch.Kernels.Compiler;

/// <summary>A scalar that a kernel's C# may assign many times: a local, an argument, a field of one, or an element of local memory.</summary>
/// <param name="name">Its name in the source, for errors.</param>
/// <param name="kind">What a read gives before any assignment: zero of this type.</param>
/// <param name="anywhere">Whether any instruction may change it; else only those of the method that it belongs to, and what has its address.</param>
internal sealed class Slot(string name, ValueType kind, bool anywhere = false)
{
    public string Name { get; } = name;

    public bool Anywhere { get; } = anywhere;

    public ValueType Kind { get; } = kind;
}

/// <summary>
/// Builds a function in which every value is assigned once, block after block, while the IL is walked (Braun et al., "Simple and Efficient
/// Construction of Static Single Assignment Form", 2013). A read of a slot looks up the blocks that led here, and makes a phi where they disagree. The
/// header of a loop is open until the ways back to it are known: there, slots that the loop may change get their phi at once.
/// </summary>
/// <param name="function">What is built.</param>
/// <param name="meet">Sees every phi of pointers whose operands are known.</param>
/// <param name="mayMove">
/// Whether a pointer changes in some loop. Otherwise none gets a phi, though its address was taken, as a view's is whenever it is indexed: only what surely
/// points to local memory can be registers.
/// </param>
/// <param name="moved">Hears of a pointer that changes in a loop after all; it throws.</param>
internal sealed class Ssa(Function function, Action<Value> meet, Func<Slot, bool> mayMove, Action<Slot> moved)
{
    private readonly Dictionary<Block, State> _states = [];
    private readonly Dictionary<(IrType, long), Value> _constants = [];

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

    /// <summary>A header whose ways back are not known yet.</summary>
    public void Open(Block header, Func<Slot, bool> mayChange) => _states[header].MayChange = mayChange;

    /// <summary>All ways to the header are known: its phis get their operands.</summary>
    public void Close(Block header)
    {
        var state = _states[header];
        state.IsClosed = true;
        foreach (var (slot, phi) in state.Incomplete)
            Complete(phi, [.. header.From.Select(from => Read(slot, from))]);
        foreach (var (slot, pointer) in state.Still)
            CheckStays(slot, pointer, header);
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
            var block = home;
            for (int steps = 0; steps < 16; steps++)
            {
                if (_states[block].Known.TryGetValue(key, out var known))
                    return known;
                if (block.From.Count != 1)
                    break;
                block = block.From[0];
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

    public void Write(Slot slot, Value value) => _states[Current].Slots[slot] = value;

    public Value Read(Slot slot) => Read(slot, Current);

    /// <summary>The value that a block begins with, given what each of the ways to it brings.</summary>
    public Value Join(Block block, IReadOnlyList<Value> values)
    {
        var first = values[0].Resolved();
        if (values.All(value => value.Resolved() == first))
            return first;
        var phi = new Value(Op.Phi, first.Type, 0);
        block.Phis.Add(phi);
        Complete(phi, [.. values]);
        return phi;
    }

    private void Complete(Value phi, Value[] operands)
    {
        phi.Operands = operands;
        if (phi.Type.IsPointer)
            meet(phi);
    }

    private Value Read(Slot slot, Block block)
    {
        var state = _states[block];
        if (state.Slots.TryGetValue(slot, out var value))
            return value.Resolved();
        if (state.MayChange is { } mayChange)
        {
            value = Read(slot, block.From[0]); // the way into the loop
            if (value.Type.IsPointer && mayChange(slot) && !mayMove(slot))
            {
                state.Slots[slot] = value;
                if (state.IsClosed)
                    CheckStays(slot, value, block);
                else
                    state.Still.Add((slot, value));
            }
            else if (mayChange(slot))
            {
                var phi = new Value(Op.Phi, value.Type, 0);
                block.Phis.Add(phi);
                state.Slots[slot] = phi; // found by its own operands, around the loop
                if (state.IsClosed)
                    Complete(phi, [.. block.From.Select(from => Read(slot, from))]);
                else
                    state.Incomplete.Add((slot, phi));
                value = phi;
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

    private void CheckStays(Slot slot, Value pointer, Block header)
    {
        if (header.From.Any(from => Read(slot, from) != pointer.Resolved()))
            moved(slot);
    }

    private sealed class State
    {
        public Dictionary<Slot, Value> Slots { get; } = [];

        public Dictionary<Key, Value> Known { get; } = [];

        public List<(Slot Slot, Value Phi)> Incomplete { get; } = [];

        /// <summary>Of a loop's header: pointers that are taken to be the same in every round.</summary>
        public List<(Slot Slot, Value Pointer)> Still { get; } = [];

        /// <summary>Of a loop's header: which slots the loop may change.</summary>
        public Func<Slot, bool>? MayChange { get; set; }

        public bool IsClosed { get; set; }
    }

    private readonly record struct Key(Op Op, ValueType Type, long Bits, Value? A, Value? B, Value? C);
}
