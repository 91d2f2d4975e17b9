using System.Globalization;
using System.Text;

namespace GanFromScratch.Kernels.Compiler;

/// <summary>What both writers share: lines, labels, and phis written as copies at the ends of the blocks before.</summary>
internal abstract class Writer(Function function)
{
    private readonly StringBuilder _lines = new();

    protected Function Function { get; } = function;

    protected string Text => _lines.ToString();

    protected void Line(string line) => _lines.Append(line).Append('\n');

    protected abstract void Instruction(Value value);

    protected abstract void Copy(string to, string from, ValueType type);

    protected abstract void Label(Block block);

    protected abstract void Jump(Block to);

    protected abstract void Branch(Value condition, bool negated, Block to);

    protected abstract void Return();

    /// <summary>A value as an operand.</summary>
    protected abstract string Operand(Value value);

    /// <summary>Keeps a value under a name of its own, which no other has.</summary>
    protected abstract string Keep(string value, ValueType type);

    /// <summary>All blocks, each falling through to the next where it can.</summary>
    protected void Blocks()
    {
        var blocks = Function.Blocks;
        var jumpedTo = new HashSet<Block>();
        for (int b = 0; b < blocks.Count; b++)
        {
            var next = b + 1 < blocks.Count ? blocks[b + 1] : null;
            jumpedTo.UnionWith(blocks[b].To.Where(to => to != next || blocks[b].To.Count == 2));
        }
        for (int b = 0; b < blocks.Count; b++)
        {
            var block = blocks[b];
            if (jumpedTo.Contains(block))
                Label(block);
            foreach (var value in block.Body)
                Instruction(value);
            if (block.To.Count == 1)
                Copies(block, block.To[0]);
            var next = b + 1 < blocks.Count ? blocks[b + 1] : null;
            switch (block.To.Count)
            {
                case 0:
                    Return();
                    break;
                case 1 when block.To[0] != next:
                    Jump(block.To[0]);
                    break;
                case 2 when block.To[0] == next:
                    Branch(block.Condition!, true, block.To[1]);
                    break;
                case 2:
                    Branch(block.Condition!, false, block.To[0]);
                    if (block.To[1] != next)
                        Jump(block.To[1]);
                    break;
            }
        }
    }

    /// <summary>The phis of a block get their values of this way, all at once: what is overwritten too early is kept in a temporary.</summary>
    private void Copies(Block from, Block to)
    {
        int way = to.From.IndexOf(from);
        var copies = to.Phis.Select(phi => (To: phi, From: phi.Operands[way])).Where(copy => copy.To != copy.From).ToList();
        var sources = copies.Select(copy => Operand(copy.From)).ToArray();
        for (int i = 0; i < copies.Count; i++)
        {
            if (!copies.Take(i).Any(earlier => Uses(copies[i].From, earlier.To)))
                continue;
            sources[i] = Keep(sources[i], copies[i].To.Type);
        }
        for (int i = 0; i < copies.Count; i++)
            Copy(Operand(copies[i].To), sources[i], copies[i].To.Type);
    }

    // An address with a constant offset is written where it is used, so it uses what it is an offset from.
    private static bool Uses(Value value, Value phi) => value == phi || (value is { Op: Op.Index } && Uses(value.Operands[0], phi));

    /// <summary>A pointer without its constant offset, and that offset in elements.</summary>
    protected static (Value Pointer, long Offset) Split(Value pointer) =>
        IsOffset(pointer) ? (pointer.Operands[0], pointer.Operands[1].Bits) : (pointer, 0);

    /// <summary>Whether a value is an address a constant offset away from another, of 32 bits: written where it is used.</summary>
    protected static bool IsOffset(Value value) =>
        value.Op == Op.Index && value.Operands[1].IsConstant && Math.Abs(value.Operands[1].Bits) < int.MaxValue / Elements.Size(value.Type.Element);

    protected static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);
}
